import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { systemClock } from '@lastgood/core/model/clock.ts';
import { EVENT as RELOAD } from '@lastgood/core/model/reload-event.testing.ts';
import type { ReloadEvent } from '@lastgood/core/model/reload-event.ts';
import { temporaryDirectory } from '../../../../test/kubelet/temporary-directory.ts';
import { heldClock, isAlive, pidsIn, until } from '../../io/process/run-command.testing.ts';
import type { ExecTargetSettings } from '../../settings/settings.ts';
import { createExec } from './exec.ts';
import type { Delivery, TargetOptions } from './target.ts';

const EVENT: ReloadEvent = { ...RELOAD, changed: ['config.yaml', 'sub/a b.json'] };
const TIMEOUT_MS = 60_000;

interface Told
  extends Partial<Pick<TargetOptions, 'clock' | 'sealed' | 'dir'>>,
    Partial<ExecTargetSettings> {
  readonly event?: Partial<ReloadEvent>;
  readonly preempted?: AbortSignal;
}

/** Delivers once by a command. */
function deliver(t: TestContext, { event, preempted, clock, sealed, dir, ...settings }: Told) {
  const target = createExec(
    {
      command: ['true'],
      timeoutMs: TIMEOUT_MS,
      refused: [],
      absent: [],
      retries: { attempts: 5, backoffMs: 1_000, maxMs: 30_000 },
      ...settings,
    },
    {
      clock: clock ?? systemClock,
      sealed: sealed ?? false,
      dir: dir ?? temporaryDirectory(t),
    },
  );
  return target.deliver({ ...EVENT, ...event }, preempted ?? new AbortController().signal);
}

/** Delivers once by a shell script. */
function script(t: TestContext, text: string, told: Told = {}) {
  return deliver(t, { ...told, command: ['sh', '-c', text, 'sh', '{dir}'] });
}

function worded({ answer, findings }: Delivery): string {
  return [answer, ...findings.map(({ message }) => message)].join(': ');
}

test('the exit code is one of accepted, refused, absent and fault', async (t) => {
  const codes = { refused: [2, 65], absent: [3] };
  const answers = { 0: 'accepted', 1: 'fault', 2: 'refused', 65: 'refused', 3: 'absent' };
  for (const [code, answer] of Object.entries(answers)) {
    const delivery = await script(t, `exit ${code}`, codes);
    assert.equal(delivery.answer, answer, `exit ${code}`);
  }
  assert.equal((await script(t, 'kill -SEGV $$', codes)).answer, 'fault');
});

test('the last line of the output is the reason', async (t) => {
  const said = await script(t, 'echo reading; echo "no backend\tb\n" >&2; exit 2', {
    refused: [2],
  });
  assert.equal(worded(said), 'refused: exec sh refused: exited with code 2: no backend b');
  const long = await script(t, 'head -c 100000 /dev/zero | tr "\\0" x; exit 1');
  assert.match(worded(long), /^fault: exec sh failed: exited with code 1: x{300}…$/);
  const silent = await script(t, 'exit 3', { absent: [3] });
  assert.equal(worded(silent), 'absent: exec sh is absent: exited with code 3');
});

test('P8: the output is not shown if the bundle is secret, and the arguments never', async (t) => {
  for (const code of [1, 2, 3]) {
    const told = { sealed: true, refused: [2], absent: [3] };
    const delivery = await script(t, `echo hunter2; echo hunter2 >&2; exit ${code}`, told);
    assert.doesNotMatch(JSON.stringify(delivery), /hunter2/);
  }
  const failed = await deliver(t, { command: ['false', '--token=hunter2'] });
  assert.equal(worded(failed), 'fault: exec false failed: exited with code 1');
});

test('a command that cannot be started is a fault that says why', async (t) => {
  const missing = await deliver(t, { command: ['no-such-program'] });
  assert.match(
    worded(missing),
    /^fault: exec no-such-program failed: it is not in this container, or /,
  );
});

test('the command gets PATH and the event, and nothing else of our environment', async (t) => {
  process.env.LASTGOOD_TEST_TOKEN = 'hunter2';
  t.after(() => delete process.env.LASTGOOD_TEST_TOKEN);
  const dir = temporaryDirectory(t);
  const out = join(temporaryDirectory(t), 'out');
  await script(t, `env -0 >"${out}"; pwd -P >"${out}.pwd"; echo "$1" >"${out}.dir"`, { dir });
  const shells = new Set(['PWD', 'OLDPWD', 'SHLVL', '_']);
  const variables = readFileSync(out, 'utf8').split('\0').slice(0, -1);
  const env = Object.fromEntries(variables.map((each) => each.split(/=(.*)/s)));
  assert.deepEqual(
    Object.keys(env)
      .filter((name) => !shells.has(name) && !name.startsWith('LASTGOOD_'))
      .sort(),
    ['HOME', 'LANG', 'PATH', 'TMPDIR'],
  );
  const { LASTGOOD_STAGE, ...event } = Object.fromEntries(
    Object.entries(env).filter(([name]) => name.startsWith('LASTGOOD_')),
  );
  assert.deepEqual(event, {
    LASTGOOD_BUNDLE: EVENT.bundle,
    LASTGOOD_VERSION: EVENT.version,
    LASTGOOD_PREVIOUS: '',
    LASTGOOD_ROLLOUT: EVENT.rollout,
    LASTGOOD_REASON: 'changed',
    LASTGOOD_DIR: dir,
    LASTGOOD_CHANGED: 'config.yaml\nsub/a b.json',
  });
  assert.equal(readFileSync(`${out}.pwd`, 'utf8'), `${dir}\n`);
  assert.equal(readFileSync(`${out}.dir`, 'utf8'), `${dir}\n`);
});

test('a list of changed files that is too long for the environment is left out', async (t) => {
  const changed = Array.from({ length: 10_000 }, (_, index) => `directory/file-number-${index}`);
  const check = '! env | grep -q ^LASTGOOD_CHANGED=';
  assert.equal((await script(t, check, { event: { changed } })).answer, 'accepted');
});

test('a command that takes too long is a fault, and is killed with everything that it started', async (t) => {
  const { clock, end } = heldClock();
  const path = join(temporaryDirectory(t), 'pids');
  const text = `trap '' TERM; setsid sleep 1000 & echo $! >>"${path}"; echo $$ >>"${path}"; wait`;
  const delivery = script(t, text, { clock, refused: [137, 143] });
  const pids = await pidsIn(path, 2);
  await end(TIMEOUT_MS);
  await end(1_000);
  assert.equal(worded(await delivery), 'fault: exec sh failed: did not end within 1m');
  assert.deepEqual(pids.filter(isAlive), []);
});

test('P6: a command that has started runs to its end, even if a newer version waits', async (t) => {
  const path = join(temporaryDirectory(t), 'go');
  const preempted = new AbortController();
  const text = `echo $$ >"${path}.pid"; until [ -e "${path}" ]; do sleep 0.01; done; exit 2`;
  const delivery = script(t, text, { preempted: preempted.signal, refused: [2] });
  await pidsIn(`${path}.pid`, 1);
  preempted.abort();
  writeFileSync(path, '');
  assert.equal((await delivery).answer, 'refused');
});

test('P7: a command that a killed sidecar started is killed before the next one starts', async (t) => {
  const dir = temporaryDirectory(t);
  const env = { PATH: process.env.PATH, LASTGOOD_STAGE: `deliver model ${dir}` };
  const left = spawn('sleep', ['1000'], { env });
  const other = spawn('sleep', ['1000'], { env: { ...env, LASTGOOD_STAGE: 'deliver other /x' } });
  t.after(() => other.kill());
  const gone = once(left, 'exit');
  await until(() => isAlive(left.pid ?? 0) && isAlive(other.pid ?? 0));
  assert.equal((await deliver(t, { dir })).answer, 'accepted');
  assert.deepEqual(await gone, [null, 'SIGKILL']);
  assert.ok(isAlive(other.pid ?? 0));
});
