import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EMPTY, FIRST_ATTEMPT, type Rollout, type State } from '../rollout/state.ts';
import { findStartVersion } from './start-version.ts';

const v1 = 'sha256:1';
const v2 = 'sha256:2';
const changed: Rollout = { rollout: 'r', version: v2, reason: 'changed', failure: null };

function delivering(rollout: Rollout, more: Partial<State> = {}): State {
  const phase = { name: 'delivering', rollout, target: 0, tries: FIRST_ATTEMPT } as const;
  return { ...EMPTY, phase, published: v2, ...more };
}

test('P4: during a delivery, a process starts on the version before it', () => {
  assert.equal(findStartVersion(delivering(changed, { active: v1, lastGood: v1 })), v1);
});

test('a process that starts during the commit starts on the version, which is proven', () => {
  const good = { active: v1, lastGood: v1 } as const;
  const phase = { name: 'committing', rollout: changed, tries: FIRST_ATTEMPT } as const;
  assert.equal(findStartVersion({ ...EMPTY, ...good, phase }), v2);
  const again = { ...phase, name: 'retrying', step: 'commit', target: 0 } as const;
  assert.equal(findStartVersion({ ...EMPTY, ...good, phase: again }), v2);
});

test('before anything was ever active, a process starts on what is published', () => {
  assert.equal(findStartVersion(delivering(changed)), v2, 'else no app would ever start');
});

test('where a restart is needed, a process starts on the version once it is published', () => {
  const rollout = { ...changed, needsRestart: [] };
  const good = { active: v1, lastGood: v1 } as const;
  assert.equal(findStartVersion(delivering(rollout, good)), v2);
  const publishing = { name: 'publishing', rollout, tries: FIRST_ATTEMPT } as const;
  assert.equal(findStartVersion({ ...EMPTY, ...good, phase: publishing }), null);
  assert.equal(
    findStartVersion({ ...EMPTY, ...good, phase: { name: 'pending-restart', rollout } }),
    v1,
  );
});
