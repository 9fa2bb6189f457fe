import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmod, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { generation } from './configs.ts';
import { Pod } from './pod.ts';

const BOM = '\u{feff}';

/** Nine levels of nine aliases each: a few hundred bytes that expand to 387 million values. */
const LAUGHS = ['a: &a [x, x, x, x, x, x, x, x, x]']
  .concat([...'bcdefghi'].map((name, index) => `${name}: &${name} [${many('abcdefgh'[index])}]`))
  .join('\n');

function many(name = ''): string {
  return Array.from({ length: 9 }, () => `*${name}`).join(', ');
}

const MANY_FILES = Object.fromEntries(
  Array.from({ length: 10_000 }, (_, index) => [`key-${index}`, 'x']),
);

/** What the volume is made to hold, and the first line that a person reads about it. */
const CONTENTS: Record<string, [files: Record<string, string | Buffer>, finding: RegExp]> = {
  'a YAML typo': [{ 'config.yaml': 'model:\n  name: x\n wrong: 1\n' }, /^config\.yaml:3:2: /],
  'a truncated JSON file': [{ 'config.json': '{"a": [1,' }, /^config\.json:1:7: /],
  'a value that breaks the schema': [
    { 'config.yaml': 'generation: 2\nmodel:\n  num_labels: many\n' },
    /^config\.yaml:3:15: \/model\/num_labels must be integer .*\[LG_VALIDATE_SCHEMA\]/,
  ],
  'an empty file': [{ 'config.yaml': '' }, /^config\.yaml:1:1: .*\[LG_VALIDATE_EMPTY\]/],
  'a file that is gone': [{ 'other.yaml': 'a: 1\n' }, /^config\.yaml: .*\[LG_VALIDATE_MISSING\]/],
  'an empty volume': [{}, /\[LG_CAPTURE_EMPTY\]/],
  'invalid UTF-8': [
    { 'config.yaml': Buffer.from('a: 1\nb: \xff\n', 'latin1') },
    /^config\.yaml:2:4: .*\[LG_VALIDATE_ENCODING\]/,
  ],
  'UTF-16 in TOML': [
    { 'config.yaml': 'generation: 2\n', 'x.toml': Buffer.from(`${BOM}a = 1\n`, 'utf16le') },
    /^x\.toml:1:1: .*\[LG_VALIDATE_ENCODING\]/,
  ],
  'duplicate keys': [
    { 'config.yaml': 'generation: 2\ngeneration: 3\n' },
    /^config\.yaml:2:1: .*\[LG_VALIDATE_DUPLICATE_KEY\]/,
  ],
  'a 50 MB file': [{ 'config.yaml': Buffer.alloc(50_000_000, 'a') }, /\[LG_CAPTURE_TOO_LARGE\]/],
  '10,000 keys': [MANY_FILES, /\[LG_CAPTURE_TOO_MANY\]/],
  'an alias bomb': [{ 'config.yaml': LAUGHS }, /^config\.yaml:\d+:\d+: .*\[LG_VALIDATE_ALIASES\]/],
  'a __proto__ key': [
    { 'config.yaml': 'generation: 2\n__proto__: { admin: true }\n' },
    /^config\.yaml:2:1: .*\[LG_VALIDATE_RESERVED_KEY\]/,
  ],
  'a __proto__ key in JSON': [
    { 'config.yaml': 'generation: 2\n', 'x.json': '{"__proto__": {"admin": true}}' },
    /^x\.json:1:2: .*\[LG_VALIDATE_RESERVED_KEY\]/,
  ],
};

const SCHEMA = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  type: 'object',
  required: ['generation'],
  properties: { model: { type: 'object', properties: { num_labels: { type: 'integer' } } } },
};

/** A pod that runs on generation 1 and checks `config.yaml` against a schema. */
async function runningPod(context: Parameters<typeof Pod.create>[0]): Promise<Pod> {
  const pod = await Pod.create(context);
  const schema = join(pod.dir, 'model.schema.json');
  await writeFile(schema, JSON.stringify(SCHEMA));
  pod.bundle.validate = [{ files: 'config.yaml', schema }];
  await pod.configured();
  await pod.startOn(generation(1));
  return pod;
}

/** It was rejected with the finding; the app heard nothing, and a good change still gets through. */
async function survives(pod: Pod, finding: RegExp, since: number, next: number): Promise<void> {
  const { findings } = await pod.outcome('rejected', since);
  const [first = ''] = findings as string[];
  assert.match(first, finding);
  assert.ok(first.length < 500, 'a line that can be read');
  assert.deepEqual(await pod.published(), generation(next - 1));
  const { health, active, lastGood } = await pod.status();
  assert.deepEqual([health.state, active], ['degraded', lastGood]);
  const before = pod.app.events.length;
  const fixed = pod.lines.length;
  await pod.write(generation(next));
  await pod.outcome('committed', fixed);
  assert.deepEqual(await pod.published(), generation(next));
  assert.equal(
    pod.app.events.length,
    before + 1,
    'P4: the app only gets an event for the good one',
  );
}

test('bad content of every kind: a finding, the app stays, and a good change is applied', async (context) => {
  const pod = await runningPod(context);
  let next = 2;
  for (const [what, [files, finding]] of Object.entries(CONTENTS)) {
    await context.test(what, async () => {
      const since = pod.lines.length;
      await pod.write(files);
      await survives(pod, finding, since, next);
      next += 1;
    });
  }
});

/** What no ConfigMap can hold, but a volume of another kind can: made by hand in a plain directory. */
const KINDS: Record<string, [make: (path: string) => unknown, finding: RegExp]> = {
  'a FIFO named config.yaml': [
    (path) => execFileSync('mkfifo', [path]),
    /^config\.yaml: is a FIFO.*\[LG_CAPTURE_KIND\]/,
  ],
  'a link that leaves the volume': [
    (path) => symlink('/etc/passwd', path),
    /^config\.yaml: .*\[LG_CAPTURE_OUTSIDE\]/,
  ],
  'a dangling link': [
    (path) => symlink('nowhere', path),
    /^config\.yaml: .*\[LG_CAPTURE_OUTSIDE\]/,
  ],
  'a directory where a file was': [
    async (path) => {
      await mkdir(path);
      await writeFile(join(path, 'inner'), 'x');
    },
    /^config\.yaml: .*\[LG_VALIDATE_MISSING\]/,
  ],
};

test('odd kinds of files: a finding, the app stays, and a good change is applied', async (context) => {
  const pod = await Pod.create(context);
  pod.bundle.validate = [{ files: 'config.yaml' }];
  await pod.configured();
  const path = join(pod.source, 'config.yaml');
  await mkdir(pod.source, { recursive: true });
  await writeFile(path, 'generation: 1\n');
  pod.start();
  await pod.outcome('committed');
  let next = 2;
  for (const [what, [make, finding]] of Object.entries(KINDS)) {
    await context.test(what, async () => {
      const since = pod.lines.length;
      await rm(path);
      await make(path);
      await pod.line(
        ({ findings }) => Array.isArray(findings) && finding.test(findings[0]),
        `${finding}`,
        since,
      );
      assert.deepEqual(await pod.published(), { 'config.yaml': `generation: ${next - 1}\n` });
      const fixed = pod.lines.length;
      await rm(path, { recursive: true });
      await writeFile(path, `generation: ${next}\n`);
      await pod.outcome('committed', fixed);
      assert.deepEqual(await pod.published(), { 'config.yaml': `generation: ${next}\n` });
      next += 1;
    });
  }
});

const isRoot = process.getuid?.() === 0;

test('files that the sidecar may not read: a finding names each, and the app stays', {
  skip: isRoot ? false : 'only root can start the sidecar as another user',
}, async (context) => {
  const pod = await Pod.create(context);
  await pod.openToNobody();
  await pod.write(generation(1));
  pod.start({ uid: 65534, gid: 65534 });
  await pod.outcome('committed');
  await pod.write({ ...generation(2), 'secret.yaml': 'a: 1\n' }, { 'secret.yaml': 0o000 });
  const { findings } = await pod.outcome('rejected');
  assert.match(String(findings), /^secret\.yaml: cannot be read: EACCES \[LG_CAPTURE_UNREADABLE\]/);
  assert.deepEqual(await pod.published(), generation(1));
  await chmod(join(pod.source, '..data', 'secret.yaml'), 0o644);
  await pod.write(generation(3));
  const since = pod.lines.length - 1;
  await pod.outcome('committed', since);
  assert.deepEqual(await pod.published(), generation(3));
});
