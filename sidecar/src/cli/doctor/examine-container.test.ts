import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { systemClock } from '@lastgood/core/model/clock.ts';
import { formatFinding } from '@lastgood/core/model/finding.ts';
import { temporaryDirectory } from '../../../../test/kubelet/temporary-directory.ts';
import { Scene } from '../../io/process/process.testing.ts';
import { load } from '../../settings/load.ts';
import { examineContainer, findingsOfContainer } from './examine-container.ts';

const FLAGS = { strict: false, output: 'human' } as const;
const CONTEXT = { clock: systemClock, style: (_: unknown, text: string) => text, version: '0.0.0' };

const SIGNAL = '{ signal: { process: no-such-process-of-the-test } }';

/** Settings whose directories are all below one. */
function settingsIn(
  directory: string,
  { publish = join(directory, 'live'), target = SIGNAL } = {},
): string {
  const config = join(directory, 'lastgood.yaml');
  writeFileSync(
    config,
    `stateDir: ${join(directory, 'state')}
bundles:
  - name: model
    volumes: [{ path: ${join(directory, 'source')} }]
    publish: ${publish}
    targets: [${target}]
`,
  );
  return config;
}

async function said(config: string, system: Readonly<Record<string, string>> = {}) {
  const loaded = await load(config);
  assert.ok(loaded.ok, JSON.stringify(loaded));
  const found = await findingsOfContainer(loaded.settings, systemClock, (path) => system[path]);
  return found.map((each) => `${each.severity} ${formatFinding(each)}`);
}

test('a container that has all that the settings need is good, except for an app that is down', async (t) => {
  new Scene(t).stranger();
  const directory = temporaryDirectory(t);
  const config = settingsIn(directory);
  mkdirSync(join(directory, 'source'));
  writeFileSync(join(directory, 'source/config.yaml'), 'a: 1\n');
  const [absent, ...others] = await said(config);
  assert.match(absent ?? '', /^warning .*no-such-process-of-the-test.*LG_DELIVER/);
  assert.deepEqual(others, []);
  assert.equal((await examineContainer(config, FLAGS, CONTEXT)).end, 'good');
  assert.equal((await examineContainer(config, { ...FLAGS, strict: true }, CONTEXT)).end, 'bad');
});

test('a volume that is missing and directories that cannot be made are errors', async (t) => {
  const directory = temporaryDirectory(t);
  writeFileSync(join(directory, 'file'), '');
  const config = settingsIn(directory, { publish: join(directory, 'file/live') });
  const found = (await said(config)).join('\n');
  assert.match(found, /^error .*LG_CAPTURE_MISSING/m);
  assert.match(found, /^error writing to the published directory .*ENOTDIR.*LG_PUBLISH_FAILED/m);
  const { end, output } = await examineContainer(config, FLAGS, CONTEXT);
  assert.equal(end, 'bad');
  assert.match(output, /LG_PUBLISH_FAILED/);
});

test('an empty volume beside another one is a warning, and one alone an error', async (t) => {
  const directory = temporaryDirectory(t);
  const config = settingsIn(directory);
  const optional = join(directory, 'optional');
  mkdirSync(join(directory, 'source'));
  writeFileSync(join(directory, 'source/config.yaml'), 'a: 1\n');
  // As the kubelet leaves it.
  mkdirSync(join(optional, '..2026_01_02_03_04_05.678'), { recursive: true });
  symlinkSync('..2026_01_02_03_04_05.678', join(optional, '..data'));
  const alone = `volumes: [{ path: ${join(directory, 'source')} }]`;
  const text = readFileSync(config, 'utf8');
  writeFileSync(
    config,
    text.replace(alone, `${alone.slice(0, -1)}, { path: ${optional}, at: o }]`),
  );
  const [first] = await said(config);
  assert.equal(first, `warning ${optional} has no files [LG_CAPTURE_EMPTY_VOLUME]`);
  writeFileSync(config, text.replace(alone, `volumes: [{ path: ${optional} }]`));
  assert.match((await said(config)).join(), /^error .*LG_CAPTURE_EMPTY\]/);
});

test('the socket of an app that is down is a warning, one without a directory an error', async (t) => {
  const directory = temporaryDirectory(t);
  mkdirSync(join(directory, 'source'));
  writeFileSync(join(directory, 'source/config.yaml'), 'a: 1\n');
  const saidOf = (path: string) =>
    said(settingsIn(directory, { target: `{ socket: { path: ${path}, send: reload } }` }));
  const path = join(directory, 'app.sock');
  assert.match(
    (await saidOf(path)).join(),
    /^warning socket .*there is no socket \[LG_DELIVER_ABSENT/,
  );
  const elsewhere = join(directory, 'missing/app.sock');
  assert.match((await saidOf(elsewhere)).join(), /^error socket .*not a directory here/);
  const server = createServer().listen(path);
  t.after(() => server.close());
  await once(server, 'listening');
  assert.deepEqual(await saidOf(path), []);
});

test('limits and memory.high that are too low are warnings', async (t) => {
  const directory = temporaryDirectory(t);
  const found = await said(settingsIn(directory), {
    '/proc/self/cgroup': '0::/\n',
    '/sys/fs/cgroup/memory.max': String(48 * 2 ** 20),
    '/sys/fs/cgroup/memory.high': String(40 * 2 ** 20),
  });
  assert.match(found.join('\n'), /^warning the memory limit of 48Mi/m);
  assert.match(found.join('\n'), /^warning the memory\.high of 40Mi is below the 64Mi/m);
  assert.doesNotMatch((await said(settingsIn(directory))).join('\n'), /memory/);
});

test('without settings, the container is not checked', async (t) => {
  const missing = join(temporaryDirectory(t), 'missing.yaml');
  const { end, findings } = await examineContainer(missing, FLAGS, CONTEXT);
  assert.deepEqual([end, findings[0]?.code], ['unusable', 'LG_SETTINGS_MISSING']);
});
