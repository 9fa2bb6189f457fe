import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { DEADLINE_MS } from '../deadline.ts';
import { generation } from './configs.ts';
import { Pod } from './pod.ts';

const MAIN = join(import.meta.dirname, '../../sidecar/src/main.ts');

function lastgood(...args: string[]) {
  return node(MAIN, ...args);
}

function node(...args: string[]) {
  const options = { encoding: 'utf8', timeout: DEADLINE_MS } as const;
  const { status, stdout, stderr } = spawnSync(process.execPath, args, options);
  return { status, stdout, stderr };
}

/** The last resort of `main.ts`, for something that hangs: made to complain, and not to end anything. */
const NO_EXIT = 'data:text/javascript,process.exit = () => console.error("had to be ended")';

test('--help and --version answer on standard output and end with 0', () => {
  const help = lastgood('--help');
  assert.equal(help.status, 0);
  assert.match(help.stdout, /^Usage: lastgood /);
  const version = lastgood('--version');
  assert.match(version.stdout, /^lastgood \d+\.\d+\.\d+\n$/);
  assert.deepEqual([version.status, help.stderr, version.stderr], [0, '', '']);
});

test('settings-schema prints a JSON Schema', () => {
  const { status, stdout } = lastgood('settings-schema');
  assert.equal(status, 0);
  assert.equal(JSON.parse(stdout).$schema, 'https://json-schema.org/draft/2020-12/schema');
});

test('wrong usage ends with 2 and one line that helps', () => {
  const { status, stderr } = lastgood('--confg', 'x');
  assert.equal(status, 2);
  assert.match(stderr, /^lastgood: .*--confg.*--config.*\[LG_USAGE\]\n {2}hint: /);
});

test('wrong settings end with 2, every finding at its line and column', async (context) => {
  const pod = await Pod.create(context);
  pod.bundle.publihs = pod.bundle.publish;
  pod.bundle.settle = 'soon';
  pod.bundle.history = -1;
  await pod.configured();
  const { status, stderr } = lastgood('--config', pod.settings);
  assert.equal(status, 2);
  const lines = stderr.split('\n').filter((line) => line.startsWith('lastgood: '));
  assert.equal(lines.length, 3);
  assert.equal(stderr.match(/^ {2}hint: /gm)?.length, 2);
  assert.match(stderr, /lastgood\.yaml:\d+:\d+: .*settle/);
  assert.match(stderr, /lastgood\.yaml:\d+:\d+: unknown key "publihs", did you mean "publish"\?/);
  assert.equal(lastgood('--config', '/nowhere.yaml').status, 2);
});

test('a schema that cannot be used ends with 2', async (context) => {
  const pod = await Pod.create(context);
  pod.bundle.validate = [{ files: '*', schema: '/nowhere.json' }];
  await pod.configured();
  const { status, stderr } = lastgood('--config', pod.settings);
  assert.equal(status, 2);
  assert.match(
    stderr,
    /lastgood\.yaml:\d+:\d+: the JSON Schema \/nowhere\.json .*\[LG_SETTINGS_SCHEMA\]/,
  );
});

test('a port that is taken, and a stateDir that cannot be written, end with 1', async (context) => {
  const taken = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => taken.once('listening', resolve));
  context.after(() => taken.close());
  const address = `127.0.0.1:${(taken.address() as AddressInfo).port}`;
  for (const [top, code] of [
    [{ listen: address }, 'LG_SERVE_LISTEN'],
    [{ stateDir: '/dev/null/state' }, 'LG_COMMIT_STATE'],
  ] as const) {
    const pod = await Pod.create(context);
    await pod.configured(top);
    const { status, stderr } = lastgood('--config', pod.settings);
    assert.equal(status, 1, code);
    assert.match(stderr, new RegExp(`^lastgood: .*\\[${code}\\]\n {2}hint: .*\n$`));
  }
});

test('a published directory that cannot be written is tried again; only --once ends with 1', async (context) => {
  const pod = await Pod.create(context);
  const parent = join(pod.dir, 'blocked');
  await writeFile(parent, 'a file, and not a directory');
  pod.bundle.publish = join(parent, 'live');
  await pod.configured();
  await pod.write(generation(1));
  const { status, stderr } = lastgood('--config', pod.settings, '--once');
  assert.equal(status, 1);
  assert.match(stderr, /^lastgood: .*\[LG_PUBLISH_FAILED\]/);
  pod.start();
  await pod.line(({ step, result }) => step === 'publish' && result === 'failed', 'a failure');
  const { status: ready, text } = await pod.page('/readyz');
  assert.equal(ready, 503);
  assert.match(text, /LG_PUBLISH_FAILED/);
  await rm(parent);
  await pod.outcome('committed');
  assert.equal((await pod.page('/readyz')).status, 200);
});

test('--once captures, validates, publishes and ends with 0, and notifies no target', async (context) => {
  const pod = await Pod.create(context);
  await pod.write(generation(1));
  assert.equal(lastgood('--config', pod.settings, '--once').status, 0);
  assert.deepEqual(await pod.published(), generation(1));
  assert.deepEqual(pod.app.events, []);
  pod.start();
  await pod.outcome('unchanged');
  assert.deepEqual(pod.app.events, [], 'nor by the sidecar that comes after it');
});

test('--once ends as soon as it is done, with nothing left that holds the process', async (context) => {
  const pod = await Pod.create(context);
  await pod.write(generation(1));
  const { status, stderr } = node('--import', NO_EXIT, MAIN, '--config', pod.settings, '--once');
  assert.deepEqual([status, stderr], [0, '']);
});

test('--once ends with 1 and the findings when the content is bad, also with a last good one', async (context) => {
  const pod = await Pod.create(context);
  await pod.write({ 'config.yaml': 'a: [\n' });
  const first = lastgood('--config', pod.settings, '--once');
  assert.equal(first.status, 1);
  assert.match(first.stderr, /^lastgood: config\.yaml:1:4: .*\[LG_VALIDATE_SYNTAX\]/);
  await pod.write(generation(1));
  assert.equal(lastgood('--config', pod.settings, '--once').status, 0);
  await pod.write({ 'config.yaml': 'a: [\n' });
  assert.equal(lastgood('--config', pod.settings, '--once').status, 1);
  assert.deepEqual(await pod.published(), generation(1));
});

test('--once ends with 1 and the findings when a stricter check rejects what was good before', async (context) => {
  const pod = await Pod.create(context);
  await pod.write(generation(1));
  assert.equal(lastgood('--config', pod.settings, '--once').status, 0);
  pod.bundle.validate = [{ files: 'config.yaml', rules: [{ rule: 'self.generation > 1' }] }];
  await pod.configured();
  const { status, stderr } = lastgood('--config', pod.settings, '--once');
  assert.equal(status, 1);
  assert.match(stderr, /^lastgood: config\.yaml:1:13: .*\[LG_VALIDATE_RULE\]/);
  assert.deepEqual(await pod.published(), generation(1), 'the app still finds it');
});

test('--once ends with 1 when it cannot write down what it does', async (context) => {
  const pod = await Pod.create(context);
  await pod.write(generation(1));
  await mkdir(join(pod.dir, 'state/model/journal.json/in the way'), { recursive: true });
  const { status, stderr } = lastgood('--config', pod.settings, '--once');
  assert.equal(status, 1);
  assert.match(stderr, /^lastgood: .*\[LG_COMMIT_STATE\]\n {2}hint: .*\n$/);
});

test('--once publishes a newer version, and leaves the last good one to what the app has proven', async (context) => {
  const pod = await Pod.create(context);
  await pod.startOn(generation(1));
  await pod.kill('SIGTERM');
  await pod.write(generation(2));
  assert.equal(lastgood('--config', pod.settings, '--once').status, 0);
  assert.deepEqual(await pod.published(), generation(2));
  pod.app.onReload = ({ reason }) => ({ status: reason === 'changed' ? 422 : 200 });
  const since = pod.lines.length;
  pod.start();
  await pod.outcome('rolled-back', since);
  assert.deepEqual(await pod.published(), generation(1));
});

test('--once with no volume ends with 1 and says which is missing', async (context) => {
  const pod = await Pod.create(context);
  pod.bundle.volumes = [{ path: '/nowhere/source' }];
  await pod.configured();
  const { status, stderr } = lastgood('--config', pod.settings, '--once');
  assert.equal(status, 1);
  assert.match(stderr, /the volume \/nowhere\/source does not exist \[LG_CAPTURE_MISSING\]/);
});

test('a volume that comes late makes it ready; SIGTERM ends it with 0 at any time', async (context) => {
  const pod = await Pod.create(context);
  pod.start();
  await pod.outcome('rejected');
  assert.equal((await pod.page('/readyz')).status, 503);
  await pod.write(generation(1));
  await pod.outcome('committed');
  assert.equal(await pod.kill('SIGTERM'), 0);
  const held = Promise.withResolvers<void>();
  context.after(() => held.resolve());
  pod.app.onReload = async () => {
    await held.promise;
    return { status: 200 };
  };
  const since = pod.lines.length;
  pod.start();
  await pod.outcome('unchanged', since);
  await pod.write(generation(2));
  await pod.line((line) => line.result === 'published', 'the publish', since);
  const ended = pod.kill('SIGTERM');
  // An answer that overtakes the signal would be committed by the sidecar that is about to end.
  await pod.line((line) => line.msg === 'stopping', 'the signal', since);
  held.resolve();
  assert.equal(await ended, 0, 'with a request in hand it waits for the answer');
  const restarted = pod.lines.length;
  pod.start();
  await pod.outcome('committed', restarted);
  assert.equal(
    pod.app.events.length,
    1,
    'P7: the answer was journaled, so the app gets no second event',
  );
});
