import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { get } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { issue } from '../../sidecar/src/checks/certificates/certificate.testing.ts';
import { startLimited } from './limited-pod.ts';
import { Pod } from './pod.ts';

/**
 * The built file with the flags, the heap and the memory limit of the image: no content may end the sidecar,
 * or keep it from answering probes (P9).
 */

/** A list of 1,000 numbers, 98 times: 2 KB that expand to 98,000 values. */
const ALIASES = `a: &a [${'1,'.repeat(999)}1]\nb: [${'*a,'.repeat(97)}*a]\n`;

/** Several alternatives for each number; ajv makes an error for each that does not fit. */
const ALTERNATIVES = Array.from({ length: 20 }, (_, index) => ({
  type: 'object',
  required: [`x${index}`, `y${index}`],
}));

/** For each kind of schema: the content that it accepts in spite of all, and one that it rejects. */
const SCHEMAS: Readonly<Record<string, object>> = {
  anyOf: { anyOf: [...ALTERNATIVES, { type: 'integer' }] },
  oneOf: { oneOf: [...ALTERNATIVES, { type: 'integer' }] },
  'oneOf without an alternative that fits': { oneOf: ALTERNATIVES },
  required: {
    type: ['object', 'integer'],
    allOf: ALTERNATIVES.map(({ required }) => ({ required })),
  },
  'a recursive schema': { $ref: '#/$defs/value' },
};

const RECURSIVE = {
  value: { anyOf: [{ items: { $ref: '#/$defs/value' }, type: 'array' }, ...ALTERNATIVES] },
};

function schemaOf(item: object): object {
  const rows = { items: { items: item } };
  return { $defs: RECURSIVE, properties: { b: rows } };
}

/** CPU time of the thread that answers: how long it has worked, however busy the machine is. */
function workedMs({ pid }: Pod): number {
  const fields = readFileSync(`/proc/${pid}/task/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ');
  return (Number(fields?.[11]) + Number(fields?.[12])) * 10;
}

/**
 * Asks on a new connection, as the kubelet does, until it is stopped. Resolves with the longest that the sidecar
 * has worked before an answer.
 */
function probe(pod: Pod): () => Promise<number> {
  const stopped = new AbortController();
  const longest = (async () => {
    let most = 0;
    while (!stopped.signal.aborted) {
      const startedMs = workedMs(pod);
      const [response] = await once(
        get(`http://${pod.address}/healthz`, { agent: false }),
        'response',
      );
      assert.equal(await text(response), 'ok\n');
      most = Math.max(most, workedMs(pod) - startedMs);
    }
    return most;
  })();
  return () => {
    stopped.abort();
    return longest;
  };
}

/** The kubelet ends a container after three probes without an answer within some seconds each. In CPU time. */
const PATIENCE_MS = 10_000;

/** Writes the content, waits for its outcome beside probes, and then for a good change. */
async function survives(
  pod: Pod,
  outcome: string,
  content: Record<string, string | Buffer>,
): Promise<readonly string[]> {
  const stop = probe(pod);
  const since = pod.lines.length;
  const { pid } = pod;
  await pod.write(content);
  const { findings = [] } = await pod.outcome(outcome, since);
  assert.ok((await stop()) < PATIENCE_MS);
  const fixed = pod.lines.length;
  await pod.write({ ...GOOD, 'config.yaml': `generation: ${fixed}\n` });
  await pod.outcome('committed', fixed);
  assert.equal(pod.pid, pid);
  return findings as string[];
}

/** As many as fit into a file that is checked in the main thread. */
const LETTERS = 'a'.repeat(30_000);
const ROWS = Array.from({ length: 5_000 }, (_, index) => index);

const GOOD = { 'config.yaml': 'generation: 1\n' };

async function runningPod(context: TestContext, bundle: Record<string, unknown> = {}, good = {}) {
  const pod = await Pod.create(context, { bundle });
  await pod.configured();
  await pod.write({ ...GOOD, ...good });
  await startLimited(context, pod);
  await pod.outcome('committed');
  return pod;
}

for (const [name, item] of Object.entries(SCHEMAS))
  test(`P9: aliases that expand, against ${name}, do not end the sidecar`, async (context) => {
    const pod = await Pod.create(context);
    const schema = join(pod.dir, 'schema.json');
    await writeFile(schema, JSON.stringify(schemaOf(item)));
    pod.bundle.validate = [{ files: 'config.yaml', schema }];
    await pod.configured();
    await pod.write(GOOD);
    await startLimited(context, pod);
    await pod.outcome('committed');
    const accepts = name === 'anyOf' || name === 'oneOf' || name === 'required';
    await survives(pod, accepts ? 'committed' : 'rejected', { 'config.yaml': ALIASES });
  });

test('P9, P6: a pattern with two open ends, against 30 KB of @ in ten files, does not stop the sidecar', async (context) => {
  const pod = await Pod.create(context);
  const schema = join(pod.dir, 'schema.json');
  await writeFile(schema, JSON.stringify({ properties: { a: { pattern: '\\S+@\\S+\\.com' } } }));
  pod.bundle.validate = [{ files: '*.yaml', schema }];
  await pod.configured();
  await pod.write(GOOD);
  await startLimited(context, pod);
  await pod.outcome('committed');
  const files = Object.fromEntries(
    Array.from({ length: 10 }, (_, index) => [
      `${index}.yaml`,
      `a: "${index}${'@'.repeat(30_000)}"\n`,
    ]),
  );
  const since = pod.lines.length;
  await pod.write({ ...GOOD, ...files });
  await pod.line(({ step }) => step === 'capture', 'capture', since);
  // The whole check takes minutes; probes get their answers all the while, and a fix comes through.
  const stop = probe(pod);
  await sleep(5_000);
  assert.ok((await stop()) < PATIENCE_MS);
  const fixed = pod.lines.length;
  await pod.write({ 'config.yaml': 'generation: 2\n' });
  await pod.outcome('committed', fixed);
});

test('P9: 1.5 KB of gzip with 140,000 references does not end the sidecar', async (context) => {
  const pod = await Pod.create(context, { direct: true });
  const packed = (content: string) => ({ 'app.gz': gzipSync(content, { level: 9 }) });
  pod.bundle.expand = { file: 'app.gz', to: join(pod.dir, 'app') };
  await pod.configured();
  await pod.write({ ...GOOD, ...packed('a: $(HOME)\n') });
  await startLimited(context, pod);
  await pod.outcome('committed');
  const stop = probe(pod);
  const since = pod.lines.length;
  await pod.write({ ...GOOD, ...packed('$(HOME)'.repeat(140_000)) });
  await pod.until(() => pod.lines.slice(since).find(({ outcome }) => outcome !== undefined), 'end');
  assert.ok((await stop()) < PATIENCE_MS);
});

test('P9: hostile files of certificates do not end the sidecar', async (context) => {
  const root = await issue({ name: 'root', ca: true });
  const web = await issue({ name: 'web.example', by: root });
  const many = await Promise.all(
    Array.from({ length: 372 }, () => issue({ name: 'same', ca: true, by: root })),
  );
  const pair = { 'tls.crt': web.certificate, 'tls.key': web.key };
  const pod = await runningPod(context, {}, pair);
  const lines = `-----BEGIN CERTIFICATE-----\n${'A\n'.repeat(300_000)}-----END CERTIFICATE-----\n`;
  await survives(pod, 'rejected', { ...GOOD, ...pair, 'tls.crt': lines });
  const chain = [web, ...many].map(({ certificate }) => certificate).join('');
  await survives(pod, 'committed', { ...GOOD, ...pair, 'tls.crt': chain });
});

/** Each would make hundreds of MiB of texts or lists within the second that a check has in the main thread. */
const RULES: readonly (readonly [rule: string, content: object])[] = [
  ['self.list.map(x, self.text).join(self.text) == ""', { list: ROWS, text: 'a'.repeat(5_000) }],
  [`self.list.map(x, [${'1, '.repeat(1_000)}1]).size() == 0`, { list: ROWS }],
  [`[self.text]${'.map(x, x + x)'.repeat(14)}.all(x, x.size() == 0)`, { text: LETTERS }],
  ['self.text.replace("a", self.text) == ""', { text: LETTERS }],
  ['"x".matches(self.text)', { text: '((a{10}){10}){10}'.repeat(1_000) }],
];

for (const [rule, content] of RULES)
  test(`P9: content that a rule multiplies does not end the sidecar: ${rule.slice(0, 50)}`, async (context) => {
    const rules = [{ rule: `!has(self.text) && !has(self.list) || ${rule}` }];
    const pod = await runningPod(context, { validate: [{ files: 'config.yaml', rules }] });
    await survives(pod, 'rejected', { 'config.yaml': JSON.stringify(content) });
  });

/** For each value, it takes as much memory as zod does for twenty alternatives that do not fit. */
const MODULE = `const issueOf = () => ({ message: 'no', path: Array(1_000).fill('rows') });
const validate = (value) =>
  value.rows === undefined ? { value } : { issues: value.rows.map(issueOf) };
export default { '~standard': { version: 1, vendor: 'test', validate } };
`;

test('P9: 30 KB of numbers against the alternatives of a schema module do not end the sidecar', async (context) => {
  const pod = await Pod.create(context);
  const schema = join(pod.dir, 'schema.mjs');
  await writeFile(schema, MODULE);
  pod.bundle.validate = [{ files: 'config.yaml', schema }];
  await pod.configured();
  await pod.write(GOOD);
  await startLimited(context, pod);
  await pod.outcome('committed');
  await survives(pod, 'rejected', { 'config.yaml': `rows: [${'1,'.repeat(15_000)}1]\n` });
});
