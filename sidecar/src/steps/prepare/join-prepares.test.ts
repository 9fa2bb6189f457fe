import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findingOf } from '@lastgood/core/model/error.ts';
import { joinPrepares } from './join-prepares.ts';
import type { DryRun, Prepared } from './prepare.ts';

const REQUEST = {} as DryRun;

function says(answer: Prepared['answer']): () => Promise<Prepared> {
  const findings = answer === 'accepted' ? [] : [findingOf('LG_PREPARE_REFUSED', [answer, ''])];
  return async () => ({ answer, findings });
}

test('the answer that decides most wins, and no reason is lost', async () => {
  const { signal } = new AbortController();
  for (const [answers, expected] of [
    [['accepted', 'accepted'], 'accepted'],
    [['restart', 'accepted'], 'restart'],
    [['restart', 'fault'], 'fault'],
    [['fault', 'refused'], 'refused'],
    [['refused', 'restart'], 'refused'],
  ] as const) {
    const { answer, findings } = await joinPrepares(answers.map(says))(REQUEST, signal);
    assert.equal(answer, expected);
    assert.equal(findings.length, answers.filter((each) => each !== 'accepted').length);
  }
});

test('all have ended before the abort of one rejects', async () => {
  const check = new AbortController();
  let isDone = false;
  const first = async () => {
    check.abort(new Error('newer'));
    throw check.signal.reason;
  };
  const second = async (): Promise<Prepared> => {
    await new Promise((resolve) => setImmediate(resolve));
    isDone = true;
    return { answer: 'accepted', findings: [] };
  };
  await assert.rejects(joinPrepares([first, second])(REQUEST, check.signal), { message: 'newer' });
  assert.ok(isDone);
});
