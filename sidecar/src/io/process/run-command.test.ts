import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { systemClock } from '@lastgood/core/model/clock.ts';
import { temporaryDirectory } from '../../../../test/kubelet/temporary-directory.ts';
import { heldClock, isAlive, pidsIn } from './run-command.testing.ts';
import { type CommandOptions, runCommand, withDir } from './run-command.ts';

const TIMEOUT_MS = 60_000;
const GRACE_MS = 1_000;

interface Asked extends Partial<CommandOptions> {
  readonly dir?: string;
}

function run(
  t: TestContext,
  command: readonly [string, ...string[]],
  { dir = temporaryDirectory(t), ...options }: Asked = {},
) {
  const workplace = { dir, scratch: '/scratch', mark: `test ${temporaryDirectory(t)}` };
  const given = { timeoutMs: TIMEOUT_MS, clock: systemClock, env: {}, ...options };
  return runCommand(command, workplace, given);
}

/** Runs a shell script; `$1` is a path for the ids of its processes. */
function script(t: TestContext, text: string, asked: Asked = {}) {
  const path = join(temporaryDirectory(t), 'pids');
  return {
    ended: run(t, ['sh', '-c', text, 'sh', path], asked),
    pids: (count: number) => pidsIn(path, count),
  };
}

test('a command ends with an exit code, or by the signal that killed it', async (t) => {
  for (const [text, ending] of [
    ['exit 0', { type: 'exited', code: 0 }],
    ['exit 255', { type: 'exited', code: 255 }],
    ['kill -SEGV $$', { type: 'killed', signal: 'SIGSEGV' }],
    ['kill -KILL $$', { type: 'killed', signal: 'SIGKILL' }],
    // A signal killed a child of the shell, and not the shell itself.
    ['sh -c "kill -TERM \\$\\$"; exit', { type: 'exited', code: 143 }],
  ] as const)
    assert.deepEqual((await script(t, text).ended).ending, ending, text);
});

test('both outputs are one', async (t) => {
  const text = 'echo one; echo two >&2';
  assert.deepEqual((await script(t, text).ended).output.split('\n').sort(), ['', 'one', 'two']);
});

test('the output just before the end of a command is not lost', async (t) => {
  const { output } = await script(t, 'head -c 60000 /dev/zero | tr "\\0" x; echo; echo last').ended;
  assert.match(output, /\nlast\n$/);
});

test('a missing program and one that is not executable are distinguished', async (t) => {
  const dir = temporaryDirectory(t);
  writeFileSync(join(dir, 'plain'), 'x');
  for (const [command, reason] of [
    [['no-such-program'], 'ENOENT'],
    [[join(dir, 'no-such-program')], 'ENOENT'],
    [[join(dir, 'plain')], 'EACCES'],
    [[dir], 'EACCES'],
    [['a\0b'], 'ERR_INVALID_ARG_VALUE'],
    [['true', 'x'.repeat(10 * 2 ** 20)], 'E2BIG'],
  ] as const)
    assert.deepEqual(await run(t, command), {
      ending: { type: 'not-started', reason },
      output: '',
    });
});

test('a working directory that cannot be entered is not a missing program', async (t) => {
  const dir = join(temporaryDirectory(t), 'gone');
  const { ending } = await run(t, ['true'], { dir });
  assert.ok(ending.type === 'not-started');
  assert.equal(ending.reason, `cannot enter its working directory ${dir}: ENOENT`);
});

test('for a volume that is a file, the command runs in its directory', async (t) => {
  const dir = temporaryDirectory(t);
  writeFileSync(join(dir, 'app.yaml'), '');
  assert.equal((await run(t, ['pwd'], { dir: join(dir, 'app.yaml') })).output, `${dir}\n`);
});

test('the command gets only PATH of our environment, and settings cannot replace our variables', async (t) => {
  process.env.LASTGOOD_TEST_TOKEN = 'hunter2';
  t.after(() => delete process.env.LASTGOOD_TEST_TOKEN);
  const env = { LASTGOOD_VERSION: 'v', HOME: '/elsewhere', LASTGOOD_STAGE: 'other' };
  const { output } = await run(t, ['env'], { env });
  const { LASTGOOD_STAGE = '', ...seen } = Object.fromEntries(
    output
      .trimEnd()
      .split('\n')
      .map((line) => line.split(/=(.*)/s) as [string, string]),
  );
  assert.match(LASTGOOD_STAGE, /^test \//);
  assert.deepEqual(seen, {
    LASTGOOD_VERSION: 'v',
    PATH: process.env.PATH,
    HOME: '/scratch',
    TMPDIR: '/scratch',
    LANG: 'C.UTF-8',
  });
});

test('the command runs in its directory, and its standard input is empty', async (t) => {
  const dir = temporaryDirectory(t);
  const { output } = await script(t, 'pwd -P; cat; readlink /proc/self/fd/0', { dir }).ended;
  assert.equal(output, `${dir}\n/dev/null\n`);
});

test('the command runs in a new session', async (t) => {
  const { output } = await script(t, 'cut -d" " -f1,5,6 /proc/$$/stat').ended;
  const [pid, group, session] = output.trim().split(' ');
  assert.deepEqual([group, session], [pid, pid]);
});

test('a command that takes too long gets SIGTERM, and time to end', async (t) => {
  const { clock, end } = heldClock();
  const text = `trap 'echo told; exit 7' TERM; sleep 1000 & echo $! >>"$1"; wait`;
  const { ended, pids } = script(t, text, { clock });
  const [sleeper = 0] = await pids(1);
  await end(TIMEOUT_MS);
  assert.deepEqual(await ended, { ending: { type: 'too-slow' }, output: 'told\n' });
  assert.equal(isAlive(sleeper), false);
});

test('a command that ignores SIGTERM gets SIGKILL with its whole group', async (t) => {
  const { clock, end } = heldClock();
  const text = `trap '' TERM; sleep 1000 & echo $! >>"$1"; echo $$ >>"$1"; wait`;
  const { ended, pids } = script(t, text, { clock });
  const family = await pids(2);
  await end(TIMEOUT_MS);
  await end(GRACE_MS);
  assert.deepEqual((await ended).ending, { type: 'too-slow' });
  assert.deepEqual(family.filter(isAlive), []);
});

test('other processes of the session are ended with the command, even without the mark', async (t) => {
  const stubborn = `trap "" TERM; echo $$ >>"$0"; while :; do sleep 1000; done`;
  const shell = `"$(command -v sh)" -c '${stubborn}' "$1"`;
  const text = `env -i ${shell} & until [ -s "$1" ]; do sleep 0.01; done`;
  const { ended, pids } = script(t, text);
  const [survivor = 0] = await pids(1);
  t.after(() => isAlive(survivor) && process.kill(survivor, 'SIGKILL'));
  assert.deepEqual((await ended).ending, { type: 'exited', code: 0 });
  assert.equal(isAlive(survivor), false);
});

test('a grandchild that keeps the outputs open delays nothing, and is ended', async (t) => {
  const text = `setsid sleep 1000 & echo $! >>"$1"; echo said; exit 3`;
  const { ended, pids } = script(t, text, { clock: heldClock().clock });
  assert.deepEqual(await ended, { ending: { type: 'exited', code: 3 }, output: 'said\n' });
  assert.deepEqual((await pids(1)).filter(isAlive), []);
});

test('an abort kills the command with everything that it started', async (t) => {
  const cut = new AbortController();
  const text = `trap '' TERM; setsid sleep 1000 & echo $! >>"$1"; echo $$ >>"$1"; wait`;
  const { ended, pids } = script(t, text, { signal: cut.signal });
  const family = await pids(2);
  const reason = new Error('newer');
  cut.abort(reason);
  await assert.rejects(ended, (thrown) => thrown === reason);
  assert.deepEqual(family.filter(isAlive), []);
});

test('an abort before the start prevents it', async (t) => {
  const path = join(temporaryDirectory(t), 'started');
  const signal = AbortSignal.abort(new Error('newer'));
  await assert.rejects(run(t, ['touch', path], { signal }), /newer/);
  assert.equal(existsSync(path), false);
});

test('{dir} is replaced in every word, literally', () => {
  assert.deepEqual(withDir(['{dir}/run', '{dir}:{dir}', 'x'], '/a$&b'), [
    '/a$&b/run',
    '/a$&b:/a$&b',
    'x',
  ]);
});
