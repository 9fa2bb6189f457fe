import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { systemClock } from '@lastgood/core/model/clock.ts';
import type { Version } from '@lastgood/core/model/snapshot.ts';
import { temporaryDirectory } from '../../../../test/kubelet/temporary-directory.ts';
import { heldClock, isAlive, pidsIn } from '../../io/process/run-command.testing.ts';
import { createExecProbe } from './exec.ts';

const VERSION: Version = `sha256:${'ab'.repeat(32)}`;

interface Asked {
  readonly command?: readonly [string, ...string[]];
  readonly script?: string;
  readonly sealed?: boolean;
  readonly signal?: AbortSignal;
  readonly clock?: typeof systemClock;
}

async function look(t: TestContext, { script, sealed, signal, clock, command }: Asked) {
  const probe = createExecProbe(
    { command: command ?? ['sh', '-c', script ?? '', 'sh', '{dir}'], timeoutMs: 60_000 },
    { clock: clock ?? systemClock, sealed: sealed ?? false, dir: temporaryDirectory(t) },
  );
  const never = new AbortController().signal;
  const seen = await probe.observe({ rollout: '01J', version: VERSION, signal: signal ?? never });
  return seen.type === 'good' ? 'good' : `${seen.type}: ${seen.reason}`;
}

test('a command that exits with 0 is good, and anything else is bad with its last line', async (t) => {
  assert.equal(await look(t, { script: 'echo well' }), 'good');
  const script = 'echo one; echo "two models are missing" >&2; exit 4';
  assert.equal(await look(t, { script }), 'bad: sh exited with code 4: two models are missing');
  assert.equal(await look(t, { script: 'exit 1' }), 'bad: sh exited with code 1');
  assert.match(
    await look(t, { command: ['no-such-program'] }),
    /^bad: no-such-program is not in this container/,
  );
});

test('the command gets the directory and the version', async (t) => {
  const script = `test "$1" = "$LASTGOOD_DIR" -a "$LASTGOOD_VERSION" = ${VERSION} && cd "$1"`;
  assert.equal(await look(t, { script }), 'good');
});

test('P8: the output of a command is not shown if the bundle is secret', async (t) => {
  assert.equal(
    await look(t, { script: 'echo hunter2; exit 1', sealed: true }),
    'bad: sh exited with code 1',
  );
});

test('a command that takes too long is bad, and is killed', async (t) => {
  const { clock, end } = heldClock();
  const path = join(temporaryDirectory(t), 'pids');
  const looking = look(t, { script: `echo $$ >"${path}"; exec sleep 1000`, clock });
  const pids = await pidsIn(path, 1);
  await end(60_000);
  assert.equal(await looking, 'bad: sh did not end within 1m');
  assert.deepEqual(pids.filter(isAlive), []);
});

test('P6: the end of a probation kills the command', async (t) => {
  const over = new AbortController();
  const path = join(temporaryDirectory(t), 'pids');
  const script = `echo $$ >"${path}"; exec sleep 1000`;
  const looking = look(t, { script, signal: over.signal });
  const pids = await pidsIn(path, 1);
  over.abort(new Error('superseded'));
  assert.equal(await looking, 'bad: sh was interrupted');
  assert.deepEqual(pids.filter(isAlive), []);
});
