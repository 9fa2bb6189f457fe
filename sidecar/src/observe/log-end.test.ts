import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Version } from '@lastgood/sdk';
import { pino } from 'pino';
import { findingOf } from '../errors.ts';
import { type Effect, EMPTY, type Failure, type State } from '../rollout/state.ts';
import { logEnd } from './log-end.ts';

const OLD: Version = `sha256:${'a'.repeat(64)}`;
const NEW: Version = `sha256:${'b'.repeat(64)}`;
const REASON = findingOf('LG_DELIVER_REFUSED', ['webhook', 'batch_size 900 is too big']);
const FAILURE: Failure = { kind: 'refused', step: 'deliver', findings: [REASON] };
const STEADY: State = { ...EMPTY, active: OLD, lastGood: OLD };

/** The message about the end of a rollout, with letters for versions. */
function said(end: Partial<Effect & { type: 'finish' }>, state: State = STEADY): string {
  const lines: string[] = [];
  const log = pino({}, { write: (line) => lines.push(line) });
  const finish = { type: 'finish', rollout: 'r', version: NEW, outcome: 'rejected' } as const;
  logEnd(log, { ...finish, failure: null, ...end }, state);
  return JSON.parse(lines.join('')).msg.replace(/a{12}/, 'OLD').replace(/b{12}/, 'NEW');
}

const BY = 'by deliver: webhook refused: batch_size 900 is too big [LG_DELIVER_REFUSED]';

test('what failed is told with the step and the reason', () => {
  assert.equal(said({ failure: FAILURE }), `rejected NEW ${BY}; the app runs on OLD`);
});

test('a quarantined version that comes again does not look as if somebody had been asked again', () => {
  assert.equal(
    said({ failure: { ...FAILURE, kind: 'quarantined' } }),
    `rejected NEW, not tried again, having failed before ${BY}; the app runs on OLD`,
  );
});

test('what failed by a fault says that it will be tried again, and when', () => {
  const failure: Failure = { ...FAILURE, kind: 'fault' };
  assert.equal(
    said({ outcome: 'rolled-back', failure, againMs: 30_000 }),
    `rolled-back NEW ${BY}; it is tried again within 30s; the app runs on OLD`,
  );
});
