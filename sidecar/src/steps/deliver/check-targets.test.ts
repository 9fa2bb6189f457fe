import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { type Clock, systemClock } from '@lastgood/core/model/clock.ts';
import { findingOf } from '@lastgood/core/model/error.ts';
import { formatFinding } from '@lastgood/core/model/finding.ts';
import { Scene, until } from '../../io/process/process.testing.ts';
import { checkTargets } from './check-targets.ts';
import { createRestart } from './restart.ts';
import { createSignal } from './signal.ts';
import type { Target } from './target.ts';

const RETRIES = { attempts: 1, backoffMs: 1, maxMs: 1 };

/** Checks until the test ends, on a clock that passes 10 s with each sleep. */
function checking(t: TestContext, targets: readonly Target[]) {
  const ended = new AbortController();
  const seen = { warnings: [] as string[], solved: [] as string[], problems: [] as boolean[] };
  let nowMs = 0;
  const warnedAtMs: number[] = [];
  let gate: PromiseWithResolvers<void> | undefined;
  let isSleeping = false;
  const sleep: Clock['sleep'] = async (_, signal) => {
    nowMs += 10_000;
    isSleeping = true;
    await systemClock.sleep(10, signal);
    await gate?.promise;
    isSleeping = false;
  };
  /** Runs it between two looks, which are seconds apart for a real app. */
  const betweenLooks = async (run: () => Promise<unknown>) => {
    gate = Promise.withResolvers();
    await until(() => isSleeping);
    await run();
    gate.resolve();
  };
  const done = checkTargets(targets, {
    clock: { ...systemClock, nowMs: () => nowMs, sleep },
    signal: ended.signal,
    onChecked: (index, hasProblem) => {
      seen.problems[index] = hasProblem;
    },
    onWarning: (finding) => {
      assert.equal(finding.severity, 'warning');
      warnedAtMs.push(nowMs);
      seen.warnings.push(formatFinding(finding));
    },
    onSolved: (name) => seen.solved.push(name),
  });
  t.after(() => ended.abort());
  return { ...seen, warnedAtMs, done, betweenLooks, end: () => ended.abort() };
}

test('a process that is not there is a warning after a while, and fine once it is', async (t) => {
  const scene = new Scene(t);
  scene.stranger();
  const settings = { ...scene.settings(), retries: RETRIES };
  const targets = [
    createSignal({ ...settings, signal: 'SIGHUP', sendUnchecked: false }),
    createRestart({ ...settings, graceMs: 1, kill: false }, systemClock, undefined),
  ];
  const { warnings, warnedAtMs, problems, solved, done, betweenLooks } = checking(t, targets);
  await until(() => warnings.length === 2);
  assert.deepEqual(problems, [true, true]);
  assert.ok(warnedAtMs.every((ms) => ms >= 30_000));
  for (const warning of warnings) assert.match(warning, /no process matches.*LG_DELIVER_ABSENT/);
  await betweenLooks(() => scene.start());
  await done;
  assert.deepEqual([problems, solved.length, warnings.length], [[false, false], 2, 2]);
  assert.deepEqual(scene.pidsIn('SIGHUP'), []);
});

test('a process that would die of the signal is a warning', async (t) => {
  const scene = new Scene(t);
  await scene.start({ catches: [] });
  const settings = { ...scene.settings(), retries: RETRIES, sendUnchecked: false } as const;
  const { warnings, done, end } = checking(t, [createSignal({ ...settings, signal: 'SIGHUP' })]);
  await until(() => warnings.length > 0);
  assert.match(warnings.join(), /does not catch it.*LG_DELIVER_SIGNAL_UNCAUGHT/);
  end();
  await done;
});

test('what cannot pass is a warning at once and only once; other kinds of targets have no check', async (t) => {
  const finding = findingOf('LG_DELIVER_NO_SHARED_NAMESPACE', ['signal SIGHUP to app']);
  const kinds = { deliver: () => assert.fail(), name: 'x', kind: 'signal' } as const;
  let looks = 0;
  const hopeless: Target = {
    ...kinds,
    check: async () => {
      looks += 1;
      if (looks === 2) throw new Error('unexpected');
      return { findings: [finding], mayPass: false };
    },
  };
  const { warnings, warnedAtMs, problems, end, done } = checking(t, [kinds, hopeless]);
  await until(() => looks > 10);
  end();
  await done;
  assert.deepEqual([warnings.length, warnedAtMs], [1, [0]]);
  assert.equal(problems[0], undefined);
});

test('a problem that another look does not find again is no warning', async (t) => {
  const text = (name: string) => ({
    findings: [findingOf('LG_DELIVER_ABSENT', [name])],
    mayPass: true,
  });
  const kinds = { deliver: () => assert.fail(), name: 'x', kind: 'signal' } as const;
  // No process for a while, one that is just starting, and then one that is fine.
  const looks = [
    ...Array(6).fill(text('absent')),
    text('starting'),
    { findings: [], mayPass: true },
  ];
  const target: Target = { ...kinds, check: async () => looks.shift() };
  const { warnings, solved, done } = checking(t, [target]);
  await done;
  assert.deepEqual([warnings.length, solved], [1, ['x']]);
});
