import assert from 'node:assert/strict';
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { detectReloader } from '../../sidecar/src/compat/detect.ts';
import { DEADLINE_MS } from '../deadline.ts';
import { leaksIn, SECRETS } from './tell-tale.ts';

/** P8 for the command lines of other reloaders: right ones, wrong ones, and what `explain` prints of them. */

const MAIN = join(import.meta.dirname, '../../sidecar/src/main.ts');
const { credential, content, variable } = SECRETS;
const ENV = { ...process.env, A_SECRET: variable };

/** With a credential wherever a URL can have one. */
function urlOf(host: string): string {
  return `http://user:${credential}@${host}/-/reload?token=${credential}&${credential}#${credential}`;
}

async function directory(t: TestContext): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'lastgood-sealed-'));
  t.after(() => rm(dir, { recursive: true, force: true }));
  await mkdir(join(dir, 'config'));
  await writeFile(join(dir, 'config/app.yaml'), `token: $(A_SECRET)\nother: ${content}\n`);
  return dir;
}

/** An app that refuses and quotes all that it was sent. */
async function refusing(t: TestContext): Promise<string> {
  const server = http.createServer(({ url, headers }, response) => {
    const said = JSON.stringify({ url, headers, SECRETS });
    response.writeHead(500, { location: urlOf('elsewhere') }).end(said);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

interface Running {
  /** Standard output and standard error. */
  readonly said: () => string;
  readonly until: (pattern: RegExp) => Promise<RegExpExecArray>;
  readonly child: ChildProcess;
}

function start(t: TestContext, args: readonly string[]): Running {
  const child = spawn(process.execPath, [MAIN, ...args], { env: ENV });
  t.after(() => child.kill('SIGKILL'));
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      child.emit('said');
    });
  const until = async (pattern: RegExp) => {
    const signal = AbortSignal.timeout(DEADLINE_MS);
    for (;;) {
      const found = pattern.exec(text);
      if (found !== null) return found;
      await once(child, 'said', { signal }).catch(() => assert.fail(`no ${pattern}:\n${text}`));
    }
  };
  return { said: () => text, until, child };
}

/** Waits until the app has refused, and searches all outputs. */
async function assertSealed({ said, until, child }: Running, metric: string): Promise<void> {
  const [, address = ''] = await until(/serves (?:\[::\]|127\.0\.0\.1)(:\d+)/);
  await until(/deliver fault/);
  const get = async (path: string) => (await fetch(`http://127.0.0.1${address}${path}`)).text();
  const pages = await Promise.all(['/', '/metrics', '/status', '/readyz', '/healthz'].map(get));
  assert.ok(pages[1]?.includes(metric));
  const ended = once(child, 'close');
  child.kill('SIGTERM');
  await ended;
  for (const text of [said(), ...pages]) assert.deepEqual(leaksIn(text), [], text);
}

test('P8: configmap-reload’s command line tells no credential', async (t) => {
  const dir = await directory(t);
  const url = `--webhook-url=${urlOf(await refusing(t))}`;
  const flags = [`--volume-dir=${dir}/config`, url, '--web.listen-address=127.0.0.1:0'];
  const running = start(t, flags);
  await running.until(/committed/);
  await writeFile(join(dir, 'config/app.yaml'), `token: ${content}2\n`);
  await assertSealed(running, 'configmap_reload_requests_total');
});

test('P8: no flag tells a key in the place of its file, nor does explain', async (t) => {
  const dir = await directory(t);
  const url = `--webhook-url=http://${await refusing(t)}/`;
  const flags = [`--volume-dir=${dir}/config`, url, `--hmac-key-file=${credential}`];
  const running = start(t, [...flags, '--web.listen-address=127.0.0.1:0']);
  await running.until(/committed/);
  await writeFile(join(dir, 'config/app.yaml'), `token: ${content}2\n`);
  await assertSealed(running, 'configmap_reload_requests_total');
  assert.match(running.said(), /the file of auth\.hmac\.keyFile cannot be read: ENOENT/);
  const reloader = ['--config-file=/dev/null', `--web-config-file=${credential}`];
  const { code, said } = await ran([...reloader, '--listen-address=127.0.0.1:0']);
  assert.notEqual(code, 0);
  assert.deepEqual(leaksIn(said), [], said);
  assert.match(said, /webConfigFile cannot be used: it cannot be read: ENOENT/);
  for (const args of [flags, reloader]) {
    const explained = await ran(['explain', ...args]);
    assert.equal(explained.code, 0);
    assert.deepEqual(leaksIn(explained.said), [], explained.said);
    assert.match(explained.said, /File: \/REPLACE-ME\n/);
  }
});

for (const format of ['logfmt', 'json'])
  test(`P8: prometheus-config-reloader’s command line tells no secret in ${format}`, async (t) => {
    const dir = await directory(t);
    const flags = [
      `--config-file=${dir}/config/app.yaml`,
      `--config-envsubst-file=${dir}/app.yaml`,
      `--reload-url=${urlOf(await refusing(t))}`,
      '--listen-address=127.0.0.1:0',
      `--log-format=${format}`,
      '--log-level=all',
    ];
    await assertSealed(start(t, flags), 'reloader_reloads_failed_total');
  });

const URL_HERE = urlOf('localhost');
const VOLUME = ['--volume-dir=/nowhere'];
const CONFIG = ['--config-file=/nowhere'];
/** No URL, with a password all the same. */
const NO_URLS = [
  `http://user:${credential}@lo calhost`,
  `http://user:${credential}@localhost:99999/`,
  `ftp://user:${credential}@localhost/?${credential}`,
  `user:${credential}@localhost`,
  `//user:${credential}@localhost`,
];

const WRONG: readonly (readonly string[])[] = [
  ...NO_URLS.map((url) => [...VOLUME, `--webhook-url=${url}`]),
  [...VOLUME, '--webhook-url', NO_URLS[0] ?? ''],
  [...VOLUME, `--webhook-urls=${URL_HERE}`],
  [...VOLUME, `--webhook-url=${URL_HERE}`],
  [`--volume-dir=${URL_HERE}`, `--webhook-url=${URL_HERE}`],
  [`--webhook-url=${URL_HERE}`],
  [...VOLUME, `--${URL_HERE}`],
  ...[
    'webhook-method',
    'webhook-status-code',
    'webhook-retries',
    'web.telemetry-path',
    'shape',
  ].map((flag) => [...VOLUME, `--webhook-url=${URL_HERE}`, `--${flag}=${URL_HERE}`]),
  ...NO_URLS.map((url) => [...CONFIG, `--reload-url=${url}`]),
  [...CONFIG, '--reload-method=signal', `--runtimeinfo-url=${NO_URLS[0]}`],
  [...CONFIG, `--reload-urls=${URL_HERE}`],
  [...CONFIG, URL_HERE],
  [...CONFIG, `--version=${URL_HERE}`],
  [`--config-file=${URL_HERE}`],
  ...[
    'reload-method',
    'watch-interval',
    'delay-interval',
    'retry-interval',
    'reload-timeout',
    'auto-gomemlimit-ratio',
    'log-format',
    'log-level',
  ].map((flag) => [...CONFIG, '--listen-address=127.0.0.1:0', `--${flag}=${URL_HERE}`]),
  [...CONFIG, `--watch-interval=3${URL_HERE}`],
  [...VOLUME, `--webhook-url=${URL_HERE}`, `--web.listen-address=${URL_HERE}`],
  ['--config-file=/dev/null', `--schema=http://user:${credential}@localhost/schema.json`],
  ['--config-file=/dev/null', `--schema=http://localhost/schema.json?token=${credential}`],
  ['--config-file=/dev/null', '--listen-address=:0', `--web-config-file=${URL_HERE}`],
  ['--config', URL_HERE],
  // Paths become absolute, and their directories are compared.
  ...['publish', 'hmac-key-file', 'schema', 'volume-dir'].flatMap((flag) =>
    [URL_HERE, `/nowhere/${URL_HERE}`].map((value) => [
      ...VOLUME,
      '--webhook-url=http://localhost/',
      '--web.listen-address=127.0.0.1:0',
      `--${flag}=${value}`,
    ]),
  ),
  ...['publish', 'config-envsubst-file', 'watched-dir', 'config-dir'].map((flag) => [
    ...CONFIG,
    '--listen-address=127.0.0.1:0',
    `--${flag}=${URL_HERE}`,
  ]),
  [`--confg=${URL_HERE}`],
  ['presets', URL_HERE],
];

/** How many processes are started side by side. */
const LANES = 2;

test('P8: no wrong command line is answered with what it holds', async () => {
  const left = WRONG.map((args) => args);
  const run = async () => {
    for (let args = left.pop(); args !== undefined; args = left.pop()) {
      const { code, said } = await endOf(args);
      assert.notEqual(code, 0, args.join(' '));
      assert.deepEqual(leaksIn(said), [], `${args.join(' ')}\n${said}`);
    }
  };
  await Promise.all(Array.from({ length: LANES }, run));
});

test('P8: explain prints no credential, and says where to put one', async () => {
  for (const args of [
    [...VOLUME, `--webhook-url=${URL_HERE}`, `--webhook-url=http://${credential}@localhost`],
    [...CONFIG, `--reload-url=${URL_HERE}`],
    [...CONFIG, '--reload-method=signal', `--runtimeinfo-url=${URL_HERE}`],
  ]) {
    const { code, said } = await ran(['explain', ...args]);
    assert.equal(code, 0);
    assert.deepEqual(leaksIn(said), []);
    assert.match(said, /passwordFile: \/etc\/lastgood\/passwords\/0/);
  }
});

/** A process is only started where the answer is not that of the flags alone: each takes its time. */
async function endOf(args: readonly string[]): ReturnType<typeof ran> {
  const asked = detectReloader('lastgood', args)?.read(args, ENV);
  if (asked === undefined || !('exitCode' in asked)) return ran(args);
  return { code: asked.exitCode, said: asked.stdout + asked.stderr };
}

function ran(args: readonly string[]): Promise<{ readonly code: unknown; readonly said: string }> {
  return new Promise((resolve) => {
    const options = { env: ENV, timeout: DEADLINE_MS };
    execFile(process.execPath, [MAIN, ...args], options, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : error.code, said: stdout + stderr });
    });
  });
}
