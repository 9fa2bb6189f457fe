import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { systemClock } from '@lastgood/core/model/clock.ts';
import { createHttpClient } from '../../io/http/request.ts';
import { Scene, until } from '../../io/process/process.testing.ts';
import { listProcesses } from '../../io/process/process-table.ts';
import type { Observation, Probe } from './probe.ts';
import { createProbes } from './probes.ts';
import { createProcessProbe } from './process.ts';

/** An app, and a probe whose observations are shown as text. */
function stage(
  t: TestContext,
  {
    restarts = false,
    newWorkers = false,
    workerCommandLine,
  }: { restarts?: boolean; newWorkers?: boolean | 'all'; workerCommandLine?: string } = {},
) {
  const scene = new Scene(t);
  const settings = { ...scene.settings(), newWorkers, workerCommandLine };
  return staged(scene, createProcessProbe(settings, { restarts }));
}

function staged(scene: Scene, probe: Probe) {
  const look = async (isFirst = false, rollout = '01J') => {
    const { signal } = new AbortController();
    const version = `sha256:${'a'.repeat(64)}` as const;
    const seen = await probe.observe({ rollout, version, isFirst, signal });
    return shown(seen);
  };
  const end = async (pid: number) => {
    process.kill(pid, 'SIGKILL');
    await until(async () => !(await listProcesses()).some((one) => one.pid === pid));
  };
  return { scene, look, end, before: (rollout = '01J') => probe.recordBaseline?.(rollout) };
}

function shown(look: Observation): string {
  if (look.type === 'good') return 'good';
  const isFinal = look.type === 'bad' && look.isFinal === true;
  return `${isFinal ? 'for good ' : ''}${look.type}: ${look.reason}`;
}

test('a living process is good, and one that is gone is finally bad', async (t) => {
  const { scene, look, end } = stage(t);
  const pid = await scene.start();
  assert.equal(await look(true), 'good');
  assert.equal(await look(), 'good');
  await end(pid);
  assert.equal(await look(), `for good bad: process ${scene.name} (pid ${pid}) is gone`);
});

test('an app that dies of the notification is bad, however soon it is up again', async (t) => {
  const { scene, look, end, before } = stage(t);
  const pid = await scene.start();
  await before();
  await end(pid);
  await before();
  const other = await scene.start();
  const reason = `for good bad: process ${scene.name} (pid ${pid}) has ended, and pid ${other} has replaced it`;
  assert.equal(await look(true), reason);
  assert.equal(await look(), reason, 'for the whole of the probation');
  assert.equal(await look(true), 'good', 'and the rollback starts from the new process');
});

test('a process that is gone is finally bad beside other probes as well', async (t) => {
  const scene = new Scene(t);
  const process = { ...scene.settings(), newWorkers: false, workerCommandLine: undefined };
  const exec = { command: ['true'], timeoutMs: 60_000 } as const;
  const none = { http: undefined, metric: undefined, tls: [] };
  const asked = { ...none, process, exec, withinMs: 0, holdMs: 0 };
  const client = createHttpClient();
  const dir = scene.dir;
  const options = { client, clock: systemClock, sealed: false, dir, restarts: false };
  const probe = await createProbes(asked, { ...options, baselinePath: undefined });
  const { look, end } = staged(scene, probe);
  const pid = await scene.start();
  assert.equal(await look(true), 'good');
  await end(pid);
  assert.match(await look(), /^for good bad: /);
});

test('if a target restarts the app, the new process is checked', async (t) => {
  const { scene, look, end, before } = stage(t, { restarts: true });
  const pid = await scene.start();
  await before();
  await end(pid);
  await scene.start();
  assert.equal(await look(true), 'good');
});

test('the app is absent until a process matches', async (t) => {
  const { scene, look } = stage(t);
  scene.stranger();
  assert.equal(await look(true), `absent: ${scene.name}: no process matches`);
  const pid = await scene.start();
  assert.equal(await look(), 'good');
  const other = await scene.start();
  assert.equal(await look(), 'good', 'another one beside it changes nothing');
  const both = `${scene.name} (pid ${pid}), ${scene.name} (pid ${other})`;
  assert.equal(await look(true), `bad: ${scene.name} matches several processes: ${both}`);
});

test('a master with only old workers is bad until it starts a new one', async (t) => {
  const { scene, look, before } = stage(t, { newWorkers: true });
  const master = await scene.start({ mode: 'renewing', workers: 2 });
  assert.equal(await look(true), 'good', 'before any notification');
  await before();
  const reason = `bad: process ${scene.name} (pid ${master}) runs no worker started since the app was notified: see its log`;
  assert.equal(await look(true), reason);
  process.kill(master, 'SIGHUP');
  await until(() => scene.pidsIn('started').length === 4);
  assert.equal(await look(), 'good');
  await before('01J-back');
  assert.match(await look(true, '01J-back'), /^bad: /, 'a rollback must start its own workers');
});

test('a new worker that has ended starts the probation again', async (t) => {
  const { scene, look, end, before } = stage(t, { newWorkers: true });
  const master = await scene.start({ mode: 'renewing', workers: 1 });
  const renew = async () => {
    const count = scene.pidsIn('started').length;
    process.kill(master, 'SIGHUP');
    await until(() => scene.pidsIn('started').length === count + 1);
    return scene.pidsIn('started').at(-1) ?? 0;
  };
  await before();
  const first = await renew();
  assert.equal(await look(true), 'good');
  await renew();
  assert.equal(await look(), 'good', 'one more');
  await end(first);
  const reason = `bad: worker ${scene.name} (pid ${first}) has ended soon after its start`;
  assert.equal(await look(), reason);
  assert.equal(await look(), 'good', 'the other one stays');
  await end(scene.pidsIn('started').at(-1) ?? 0);
  await look();
  assert.match(await look(), /^bad: worker .* has ended .*, and no other has followed$/);
});

test('with `all`, every old worker must have ended', async (t) => {
  const { scene, look, end, before } = stage(t, { newWorkers: 'all' });
  const master = await scene.start({ mode: 'renewing', workers: 2 });
  const old = scene.pidsIn('started').filter((pid) => pid !== master);
  await before();
  process.kill(master, 'SIGHUP');
  await until(() => scene.pidsIn('started').length === 4);
  for (const pid of old) {
    const seen = await look();
    assert.match(seen, /^bad: worker .* from before the app was notified still runs$/);
    await end(pid);
  }
  assert.equal(await look(), 'good');
});

test('a child is a worker only if its command line matches', async (t) => {
  const { scene, look, end, before } = stage(t, {
    newWorkers: 'all',
    workerCommandLine: 'plain$',
  });
  const master = await scene.start({ mode: 'renewing', workers: 1 });
  const [old = 0] = scene.pidsIn('started').filter((pid) => pid !== master);
  process.kill(master, 'SIGUSR2');
  await until(() => scene.pidsIn('helper').length === 1);
  await before();
  process.kill(master, 'SIGHUP');
  await until(() => scene.pidsIn('started').length === 3);
  await end(old);
  assert.equal(await look(), 'good', 'the helper stays');
});

test('a pattern of workers that backtracks is named', async (t) => {
  const { scene, look, before } = stage(t, {
    newWorkers: 'all',
    workerCommandLine: '^([^]+)+\\0$',
  });
  await scene.start({ workers: 6 });
  await before();
  assert.match(await look(true), /^bad: workerCommandLine takes too long to match: /);
});

test('all workers of an app that was absent are new', async (t) => {
  const { scene, look, before } = stage(t, { newWorkers: true });
  scene.stranger();
  await before();
  assert.match(await look(true), /^absent: /);
  await scene.start({ mode: 'renewing', workers: 1 });
  assert.equal(await look(), 'good');
});
