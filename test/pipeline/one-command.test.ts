/** The `lastgood` of the image starts one command at a time beside a sidecar (P9). */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { findingOf } from '@lastgood/core/model/error.ts';
import { formatFinding } from '@lastgood/core/model/finding.ts';
import { isAlive } from '../../sidecar/src/io/process/run-command.testing.ts';
import { temporaryDirectory } from '../kubelet/temporary-directory.ts';
import { compileLauncher } from './launcher.ts';

/** In place of lastgood.js: prints its process, and runs until a signal or the end of its input. */
const PROGRAM = `
  process.on('SIGTERM', () => process.exit(3));
  process.stdin.on('end', () => process.exit(0)).resume();
  console.log(process.pid);
`;

/** A `lastgood` in a container with this limit, as version 2 of control groups shows it. */
function install(t: TestContext, limit: string): string {
  const dir = temporaryDirectory(t);
  writeFileSync(join(dir, 'lastgood.js'), PROGRAM);
  mkdirSync(join(dir, 'sys/fs/cgroup'), { recursive: true });
  writeFileSync(join(dir, 'sys/fs/cgroup/memory.max'), `${limit}\n`);
  const lastgood = join(dir, 'lastgood');
  compileLauncher(lastgood, dir, join(dir, 'sys'));
  return lastgood;
}

interface Running {
  readonly child: ChildProcess;
  /** Node's, which is that of the child or one below it. */
  readonly pid: number;
}

/** Resolves when Node runs. */
async function start(t: TestContext, lastgood: string, ...args: string[]): Promise<Running> {
  const child = spawn(lastgood, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  t.after(() => child.kill('SIGKILL'));
  const [line] = await once(child.stdout, 'data');
  return { child, pid: Number(line) };
}

function runOther(lastgood: string, ...args: string[]) {
  const { status, stderr } = spawnSync(lastgood, args, { input: '', encoding: 'utf8' });
  return { status, stderr };
}

test('P9: a second command is refused before Node takes memory, until the first has ended', async (t) => {
  const lastgood = install(t, String(64 * 2 ** 20));
  const { child } = await start(t, lastgood, 'validate', 'config.yaml');
  const busy = findingOf('LG_USAGE_BUSY');
  assert.deepEqual(runOther(lastgood, 'doctor'), {
    status: 2,
    stderr: `lastgood: ${formatFinding(busy)}\n  hint: ${busy.hint}\n`,
  });
  // Not a command, but a sidecar.
  assert.equal(runOther(lastgood, '--config', 'lastgood.yaml').status, 0);
  child.stdin?.end();
  assert.deepEqual(await once(child, 'exit'), [0, null]);
  assert.equal(runOther(lastgood, 'doctor').status, 0);
});

test('a signal reaches a command, which ends with lastgood', async (t) => {
  const lastgood = install(t, String(64 * 2 ** 20));
  const first = await start(t, lastgood, 'validate', 'config.yaml');
  first.child.kill('SIGTERM');
  assert.deepEqual(await once(first.child, 'exit'), [3, null]);
  const second = await start(t, lastgood, 'validate', 'config.yaml');
  assert.notEqual(second.pid, second.child.pid);
  second.child.kill('SIGKILL');
  await once(second.child, 'exit');
  while (isAlive(second.pid)) await sleep(10);
});

test('with much memory, commands run side by side', async (t) => {
  for (const limit of ['max', String(2 ** 30)]) {
    const lastgood = install(t, limit);
    const { child, pid } = await start(t, lastgood, 'validate', 'config.yaml');
    assert.equal(pid, child.pid);
    assert.equal(runOther(lastgood, 'doctor').status, 0);
  }
});
