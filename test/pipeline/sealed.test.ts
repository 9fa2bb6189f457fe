import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { PROOF_WITHIN } from '../deadline.ts';
import { AtomicWriter } from '../kubelet/atomic-writer.ts';
import { Pod } from './pod.ts';
import { ALL_FORMS, leaksIn, type Mode, SECRETS, TellTale } from './tell-tale.ts';

/**
 * P8 over a whole sidecar. Every place of the settings that may contain a credential does, every
 * app and command outputs all that it knows, and the tests search all outputs of the sidecar.
 */

const { credential, content, variable } = SECRETS;

/** Prints its arguments and what it reads, and exits as the file `mode` says. */
const COMMAND = `
const { appendFileSync, readFileSync } = require('node:fs');
const [, bad, log, dir] = process.argv;
appendFileSync(log, JSON.stringify(process.env) + '\\n');
console.log(readFileSync(dir + '/token', 'utf8'));
console.error('this says ${ALL_FORMS}');
process.exit(readFileSync(dir + '/mode', 'utf8') === bad ? 7 : 0);
`;

interface Stage {
  readonly pod: Pod;
  readonly app: TellTale;
  readonly commandLog: string;
  /** By the name of its bundle: one more version of its volume. */
  readonly write: (bundle: string, mode: Mode) => Promise<void>;
}

/** Files with credentials, as a Secret that is mounted beside the sidecar has them. */
async function credentialFiles(dir: string) {
  const path = (name: string) => join(dir, 'credentials', name);
  await mkdir(path('.'), { recursive: true });
  for (const name of ['token', 'password', 'key', 'header'])
    await writeFile(path(name), `${credential}\n`);
  const headers = { 'X-Key': { file: path('header') }, 'X-Other': credential };
  const hmac = { keyFile: path('key') };
  return {
    headers,
    bearer: { bearerFile: path('token'), hmac },
    basic: { basic: { username: credential, passwordFile: path('password') }, hmac },
  };
}

/** One bundle for each way to tell and to ask an app; the volume of each is secret. */
async function bundlesOf(pod: Pod, app: TellTale, commandLog: string) {
  const { headers, bearer, basic } = await credentialFiles(pod.dir);
  const retries = { attempts: 1 };
  const confirm = { within: PROOF_WITHIN, hold: '0ms' };
  const command = (bad: Mode) => [process.execPath, '-e', COMMAND, bad, commandLog, '{dir}'];
  const look = (path: string) => ({ url: app.url(path), headers, auth: basic });
  const bundles: Record<string, object> = {
    bearer: {
      validate: [{ files: 'config.yaml', schema: 'config.schema.json' }],
      prepare: [{ webhook: { url: app.url('bearer'), headers, auth: bearer } }],
      targets: [
        {
          webhook: {
            url: app.url('bearer'),
            headers,
            auth: bearer,
            retries,
            followRedirects: true,
          },
        },
        { webhook: { url: app.bareUrl('other'), retries } },
      ],
      confirm: { ...confirm, http: { ...look('health'), json: { path: 'said', equals: content } } },
    },
    basic: {
      validate: [{ files: 'config.yaml', rules: [{ rule: "!self.token.contains('INVALID')" }] }],
      targets: [{ webhook: { url: app.url('basic'), headers, auth: basic, retries } }],
      confirm: { ...confirm, metric: { ...look('metrics'), query: 'app_ok', equals: 1 } },
    },
    command: {
      validate: [{ exec: { command: command('invalid') } }],
      targets: [{ exec: { command: command('refused'), refused: [7], retries } }],
      confirm: { ...confirm, exec: { command: command('unwell') } },
    },
    socket: { targets: [{ socket: { ...app.socket, retries } }] },
  };
  // Their own volumes have no secret, but the app and the command know those of the other bundles.
  const plainBundles: Record<string, object> = {
    plain: {
      prepare: [{ webhook: { url: app.bareUrl('plain') } }],
      targets: [{ webhook: { url: app.bareUrl('plain'), retries } }],
      confirm: {
        ...confirm,
        http: { url: app.bareUrl('plain-health'), json: { path: 'said', equals: content } },
      },
    },
    'plain-command': {
      ...bundles.command,
      validate: [{ exec: { command: command('invalid') } }],
    },
  };
  const inPod = (name: string) => ({
    name,
    publish: join(pod.dir, 'live', name),
    volumes: [{ path: join(pod.dir, 'sources', name), secret: true }],
  });
  const secret = Object.entries(bundles).map(([name, keys]) => ({ ...inPod(name), ...keys }));
  const plain = Object.entries(plainBundles).map(([name, keys]) => ({
    name,
    publish: join(pod.dir, 'live', name),
    volumes: [{ path: join(pod.dir, 'sources', name) }],
    ...keys,
  }));
  const expand = {
    name: 'expand',
    volumes: [{ path: join(pod.dir, 'sources/expand') }],
    expand: { file: 'config.yaml', to: join(pod.dir, 'live/expand/config.yaml') },
    validate: [{ files: 'config.yaml', schema: 'config.schema.json' }],
    targets: [{ webhook: { url: app.url('expand'), retries } }],
  };
  return [...secret, expand, ...plain];
}

async function started(t: TestContext): Promise<Stage> {
  const pod = await Pod.create(t);
  const app = await TellTale.create(t, pod.dir);
  const commandLog = join(pod.dir, 'commands.log');
  const schema = { properties: { token: { type: 'string', maxLength: 100 } } };
  await writeFile(join(pod.dir, 'config.schema.json'), JSON.stringify(schema));
  const bundles = await bundlesOf(pod, app, commandLog);
  const writers = new Map<string, AtomicWriter>();
  for (const { name } of bundles) {
    await mkdir(join(pod.dir, 'live', name), { recursive: true });
    writers.set(name, new AtomicWriter(join(pod.dir, 'sources', name)));
  }
  let generation = 0;
  const write = async (bundle: string, mode: Mode) => {
    generation += 1;
    const token = bundle === 'expand' ? '$(A_SECRET)' : bundle.startsWith('plain') ? 'x' : content;
    const padded = mode === 'invalid' ? `${token}INVALID${'x'.repeat(100)}` : token;
    const config = `generation: ${generation}\nmode: ${mode}\ntoken: ${padded}\n`;
    const broken = mode === 'broken' ? `${token}: [${token}\n` : '';
    const files = { 'config.yaml': config + broken, token: `${token}${generation}`, mode };
    const payload = Object.entries(files).map(
      ([path, text]) => [path, { bytes: Buffer.from(text), mode: 0o644 }] as const,
    );
    await writers.get(bundle)?.write(Object.fromEntries(payload));
  };
  await pod.configured({ bundles, log: { level: 'trace' } });
  for (const { name } of bundles) await write(name, 'ok');
  pod.start({ env: { ...process.env, A_SECRET: variable } });
  for (const { name } of bundles) await ended(pod, name, 'committed', 0);
  return { pod, app, commandLog, write };
}

function ended(pod: Pod, bundle: string, outcome: string, since: number) {
  const matches = (line: Record<string, unknown>) =>
    line.bundle === bundle && line.outcome === outcome;
  return pod.line(matches, `${outcome} of ${bundle}`, since);
}

const PAGES = ['/', '/metrics', '/status', '/readyz', '/healthz', `/no/such/page?${credential}`];

/** Holds all that people and machines can see of the sidecar against the secrets. */
async function assertSealed(pod: Pod, what: string): Promise<void> {
  const pages = await Promise.all(PAGES.map((path) => pod.page(path)));
  const shown = [pod.stderr, JSON.stringify(pod.lines), ...pages.map(({ text }) => text)];
  for (const text of shown) assert.deepEqual(leaksIn(text), [], what);
}

/** What a version of each bundle does, and how that ends. */
const BAD: readonly (readonly [bundle: string, modes: readonly Mode[], outcome: string])[] = [
  ['bearer', ['invalid', 'broken', 'unprepared'], 'rejected'],
  ['bearer', ['refused', 'fault', 'redirect', 'reset', 'unwell'], 'rolled-back'],
  ['basic', ['invalid', 'broken'], 'rejected'],
  ['basic', ['refused', 'fault', 'redirect', 'reset', 'unwell'], 'rolled-back'],
  ['command', ['invalid'], 'rejected'],
  ['command', ['refused', 'unwell'], 'rolled-back'],
  ['socket', ['refused', 'fault', 'reset'], 'rolled-back'],
  ['expand', ['invalid', 'broken'], 'rejected'],
  ['plain', ['unprepared'], 'rejected'],
  ['plain', ['refused', 'fault', 'reset', 'unwell'], 'rolled-back'],
  ['plain-command', ['invalid'], 'rejected'],
  ['plain-command', ['refused', 'unwell'], 'rolled-back'],
  ['expand', ['refused', 'fault', 'redirect', 'reset'], 'rolled-back'],
];

test('P8: nothing that comes out of a sidecar tells a secret, whatever apps and commands say', async (t) => {
  const { pod, app, commandLog, write } = await started(t);
  await assertSealed(pod, 'after the start');
  // Bundles do not wait for each other; the versions of one come one after the other.
  const rounds = Map.groupBy(BAD, ([bundle]) => bundle);
  await Promise.all(
    [...rounds].map(async ([bundle, rows]) => {
      for (const [, modes, outcome] of rows)
        for (const mode of modes) {
          const since = pod.lines.length;
          await write(bundle, mode);
          await ended(pod, bundle, outcome, since);
          await assertSealed(pod, `${bundle} ${mode}`);
        }
    }),
  );
  await app.leave();
  for (const bundle of ['bearer', 'basic', 'socket', 'expand']) {
    const since = pod.lines.length;
    await write(bundle, 'ok');
    const isAbsent = (line: Record<string, unknown>) =>
      line.bundle === bundle && line.result === 'absent';
    await pod.line(isAbsent, `absence for ${bundle}`, since);
  }
  await assertSealed(pod, 'without an app');
  await pod.kill('SIGTERM');
  assert.deepEqual(leaksIn(JSON.stringify(pod.lines) + pod.stderr), [], 'at the end');
  assertSentSealed(app);
  assert.deepEqual(leaksIn(await readFile(commandLog, 'utf8')), [], 'environment of a command');
  await assertStateSealed(join(pod.dir, 'state'));
});

/** No target learns what is meant for another one, and no event holds a secret. */
function assertSentSealed({ requests }: TellTale): void {
  for (const path of ['bearer', 'basic', 'other', 'expand'])
    assert.ok(
      requests.some((request) => request.path === path),
      `${path} got a request`,
    );
  for (const { path, headers, body } of requests) {
    assert.deepEqual(leaksIn(body), [], `the body for ${path}`);
    const heads = JSON.stringify(headers);
    const expected = /^(?:other|plain.*)$/.test(path) ? [] : ['credential'];
    assert.deepEqual(leaksIn(heads), expected, `the headers for ${path}`);
  }
}

/** Only snapshots contain content of the volumes, for no other user to read, and no credential. */
async function assertStateSealed(dir: string): Promise<void> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  assert.ok(files.length > 0);
  for (const file of files) {
    const path = join(file.parentPath, file.name);
    const leaks = leaksIn(await readFile(path, 'utf8'));
    const isSnapshot = /\/(last-good|expanded)\//.test(path);
    if (isSnapshot) assert.equal(await othersMay(dir, path), false, path);
    assert.deepEqual(isSnapshot ? leaks.filter((name) => name === 'credential') : leaks, [], path);
  }
}

/** Whether another user than the sidecar's may read this file. */
async function othersMay(dir: string, path: string): Promise<boolean> {
  if (path === dir) return true;
  const { mode } = await stat(path);
  return (mode & 0o007) !== 0 && othersMay(dir, dirname(path));
}
