import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import fs, {
  existsSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { constants } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { tryTo } from '@lastgood/core/model/try-to.ts';
import type { ProcessSettings } from '../../settings/settings.ts';
import { kill } from './orphans.ts';
import { parseStat } from './proc-stat.ts';
import { Scene, until } from './process.testing.ts';
import { dispositionOf, isAlive, listProcesses } from './process-table.ts';
import { selectProcesses } from './select-process.ts';

const NOTHING = 'absent: no process matches';

async function chosen(settings: ProcessSettings): Promise<readonly number[] | string> {
  const choice = await selectProcesses(settings);
  if (choice.type === 'selected') return choice.processes.map(({ pid }) => pid);
  return 'reason' in choice ? `${choice.type}: ${choice.reason}` : choice.type;
}

test('a name longer than comm has room for is found, as a script and as an executable', async (t) => {
  const scene = new Scene(t);
  const script = await scene.start();
  assert.deepEqual(await chosen(scene.settings()), [script]);
  assert.equal(await chosen(scene.settings({ process: scene.name.slice(0, 15) })), NOTHING);
  const process = `${scene.name}-executable`;
  symlinkSync('/bin/sleep', join(scene.dir, process));
  const pid = scene.orphan([join(scene.dir, process), '1000']);
  const settings = scene.settings({ process });
  await until(async () => typeof (await chosen(settings)) !== 'string');
  assert.deepEqual(await chosen(settings), [pid]);
});

test('the topmost process of a tree is selected, and with all every one', async (t) => {
  const scene = new Scene(t);
  const master = await scene.start({ workers: 2 });
  assert.deepEqual(await chosen(scene.settings()), [master]);
  const all = await chosen(scene.settings({ all: true }));
  assert.ok(typeof all !== 'string');
  assert.deepEqual(new Set(all), new Set(scene.pidsIn('started')));
});

test('two trees with one name are ambiguous, unless a pattern or a pid file selects one', async (t) => {
  const scene = new Scene(t);
  const one = await scene.start({ catches: ['SIGHUP'] });
  const other = await scene.start({ catches: ['SIGHUP', 'SIGUSR2'] });
  assert.equal(await chosen(scene.settings()), 'ambiguous');
  assert.deepEqual(await chosen(scene.settings({ commandLine: 'SIGUSR2' })), [other]);
  const pidFile = join(scene.dir, 'pid');
  writeFileSync(pidFile, `${one}\n`);
  assert.deepEqual(await chosen(scene.settings({ pidFile })), [one]);
  assert.equal(await chosen(scene.settings({ uid: 12_345 })), NOTHING);
});

test('a pid file selects a process, unless it is missing, empty or no file', async (t) => {
  const scene = new Scene(t);
  const pidFile = join(scene.dir, 'pid');
  const settings = scene.settings({ process: undefined, pidFile });
  assert.equal(await chosen(settings), `absent: ${pidFile} cannot be read: ENOENT`);
  writeFileSync(pidFile, '');
  assert.equal(await chosen(settings), `absent: ${pidFile} does not contain a process ID`);
  const pid = await scene.start();
  writeFileSync(pidFile, `${pid}\nmore\n`);
  assert.deepEqual(await chosen(settings), [pid]);
  rmSync(pidFile);
  symlinkSync('/dev/zero', pidFile);
  assert.equal(await chosen(settings), `unreadable: ${pidFile} is a symbolic link`);
  rmSync(pidFile);
  spawnSync('mkfifo', [pidFile]);
  assert.equal(await chosen(settings), `unreadable: ${pidFile} is not a regular file`);
});

test('P9: a pid file alone does not select a process that is younger than the file', async (t) => {
  const scene = new Scene(t);
  const pidFile = join(scene.dir, 'pid');
  const settings = scene.settings({ process: undefined, pidFile });
  const pid = await scene.start();
  writeFileSync(pidFile, `${pid}`);
  const writtenAt = Date.now() / 1_000 - 3_600;
  utimesSync(pidFile, writtenAt, writtenAt);
  const reason = `process ${pid} is another one than when ${pidFile} was written`;
  assert.equal(await chosen(settings), `absent: ${reason}`);
  assert.deepEqual(await chosen({ ...settings, process: scene.name }), [pid]);
  writeFileSync(pidFile, `${pid}`);
  assert.deepEqual(await chosen(settings), [pid]);
});

test('P9: an expression that backtracks on a hostile command line ends', async (t) => {
  const scene = new Scene(t);
  const pid = await scene.start();
  // With the name, so that the expression backtracks on no command line of another test.
  const hostile = `${scene.name}:${'a'.repeat(50_000)}!`;
  const other = scene.orphan(['bash', '-c', `exec -a "$0" sleep 1000`, hostile]);
  await until(() => readFileSync(`/proc/${other}/cmdline`).length > hostile.length);
  const commandLine = `/${scene.name} |^${scene.name}:(a+)+$`;
  assert.deepEqual(await chosen(scene.settings({ process: undefined, commandLine })), [pid]);
});

test('P9: many hostile command lines end the selection, which says why', async (t) => {
  const scene = new Scene(t);
  const hostile = `${'a'.repeat(50_000)}!`;
  const command = ['bash', '-c', `exec -a "$0" sleep 1000`, hostile];
  for (const pid of Array.from({ length: 8 }, () => scene.orphan(command)))
    await until(() => readFileSync(`/proc/${pid}/cmdline`).length > hostile.length);
  const settings = scene.settings({ process: undefined, commandLine: '^(a+)+$' });
  assert.match(String(await chosen(settings)), /^unreadable: commandLine takes too long to match/);
});

test('what /proc does not show is unknown, and hides no process', async (t) => {
  const scene = new Scene(t);
  assert.equal(parseStat('7 (a (b) c) S 1')?.comm, 'a (b) c');
  assert.deepEqual(parseStat('7 (x) S'), {
    comm: 'x',
    parent: 0,
    session: 0,
    isKernelThread: false,
    isEnding: false,
    startTicks: 0,
  });
  assert.equal(parseStat(`9 (kthreadd) S 0 0 0 0 -1 ${0x208040} 0`)?.isKernelThread, true);
  assert.equal(parseStat('9 (x) R 0 0 0 0 -1 4 0')?.isEnding, true);
  const pid = await scene.start();
  const [found] = (await listProcesses()).filter((one) => one.pid === pid);
  assert.ok(found !== undefined && !found.isHidden);
  assert.ok(isAlive(found));
});

test('a process that ends while it is read is left out', async (t) => {
  const scene = new Scene(t);
  scene.stranger();
  const pid = await scene.start();
  const { readlinkSync } = fs;
  t.mock.method(fs, 'readlinkSync', (path: string) => {
    if (path === `/proc/${pid}/exe`) kill(pid);
    while (path === `/proc/${pid}/exe` && tryTo(() => readlinkSync(path)) !== undefined);
    return readlinkSync(path);
  });
  syncBuiltinESMExports();
  t.after(() => {
    t.mock.restoreAll();
    syncBuiltinESMExports();
  });
  assert.equal(await chosen(scene.settings({ process: 'another' })), NOTHING);
});

test('P9: lastgood, its ancestors and its descendants are never selected', async (t) => {
  const scene = new Scene(t);
  scene.stranger();
  const child = spawn('/bin/sh', ['-c', `sleep 1000; # ${scene.name}`], { detached: true });
  assert.ok(child.pid);
  const group = -child.pid;
  t.after(() => process.kill(group, 'SIGKILL'));
  const byPattern = scene.settings({ process: undefined, commandLine: scene.name });
  await until(async () => (await listProcesses()).some(({ parent }) => parent === child.pid));
  assert.equal(await chosen(byPattern), NOTHING);
  const pidFile = join(scene.dir, 'pid');
  const byFile = scene.settings({ process: undefined, pidFile });
  for (const pid of [process.pid, child.pid]) {
    writeFileSync(pidFile, String(pid));
    assert.equal(await chosen(byFile), NOTHING);
  }
  writeFileSync(pidFile, String(process.ppid));
  assert.equal(
    await chosen(byFile),
    'absent: the only match is a process that lastgood itself runs under',
  );
});

test('P9: the sidecar is not selected by a command in its container', async (t) => {
  const scene = new Scene(t);
  scene.stranger();
  const program = process.argv[1] ?? '';
  scene.orphan([process.execPath, '-e', 'setInterval(() => {}, 1e6)', program, scene.name]);
  const commandLine = `${RegExp.escape(program)} ${scene.name}`;
  const table = async () => (await listProcesses()).filter(({ argv }) => argv.includes(scene.name));
  await until(async () => (await table()).length === 1);
  const selector = scene.settings({ process: undefined, commandLine });
  assert.equal((await selectProcesses(selector)).type, 'absent');
});

test('a zombie is never selected', async (t) => {
  const scene = new Scene(t);
  const pidFile = join(scene.dir, 'pid');
  // Its parent becomes a program that never reaps it; a shell would, so it ends only after that.
  const child = '(until grep -q sleep /proc/$$/comm; do :; done)';
  scene.orphan(['/bin/sh', '-c', `${child} & echo $! > "$0"; exec sleep 1000`, pidFile]);
  const zombie = await until(() => existsSync(pidFile) && Number(readFileSync(pidFile, 'utf8')));
  const stat = () => readFileSync(`/proc/${zombie}/stat`, 'utf8');
  await until(() => stat().includes(') Z '));
  assert.ok(!(await listProcesses()).some(({ pid }) => pid === zombie));
  const startTicks = Number(stat().split(') ')[1]?.split(' ')[19]);
  assert.equal(isAlive({ pid: Number(zombie), startTicks }), false);
});

test('the masks of a process show what a signal would do, real-time signals included', async (t) => {
  const scene = new Scene(t);
  const script =
    'trap : HUP RTMAX; trap "" USR1; echo started $$ >> log; while :; do sleep 0.1; done';
  const pid = scene.orphan(['/bin/bash', '-c', script]);
  await until(() => scene.pidsIn('started').includes(pid));
  const { SIGHUP, SIGUSR1, SIGUSR2 } = constants.signals;
  const seen = [SIGHUP, 64, SIGUSR1, SIGUSR2, 63].map((signal) => dispositionOf(pid, signal));
  assert.deepEqual(seen, ['caught', 'caught', 'ignored', 'default', 'default']);
});
