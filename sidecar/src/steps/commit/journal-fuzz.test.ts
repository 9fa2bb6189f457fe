/** Whatever the journal contains, the sidecar starts. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { systemClock } from '@lastgood/core/model/clock.ts';
import { findingOf } from '@lastgood/core/model/error.ts';
import { Random } from '../../../../test/rollout/random.ts';
import { createStatusTracker } from '../../observability/status.ts';
import { next } from '../../rollout/machine.ts';
import { recover } from '../../rollout/recovery.ts';
import { EMPTY, type RolloutConfig, type State } from '../../rollout/state.ts';
import { isState } from './journal-shape.ts';
import { upgradeV1 } from './journal-v1.ts';
import { openStore } from './state-store.ts';

const FIXTURES = join(import.meta.dirname, '../../../../test/journal/fixtures/v1');
const SEED = Number(process.env.LASTGOOD_SEED ?? 1);
const ROUNDS = 20_000;
const WRONG = [null, undefined, -1, 1e99, 0.5, '', 'x', [], [null], {}, { name: 'steady' }, true];
const RETRY = { attempts: 2, backoffMs: 1, maxMs: 2 };

const CONFIGS: readonly RolloutConfig[] = [
  {
    publishes: true,
    targets: [RETRY, RETRY],
    confirms: true,
    compares: true,
    onFailure: 'rollback',
  },
  { publishes: false, targets: [], confirms: false, onFailure: 'hold' },
  {
    publishes: true,
    targets: [RETRY, RETRY],
    conditionalTargets: [1],
    confirms: true,
    onFailure: 'rollback',
  },
];

/** A version that waits for a restart of the app. */
const PENDING: State = {
  ...EMPTY,
  phase: {
    name: 'pending-restart',
    rollout: {
      rollout: 'r',
      version: 'sha256:2',
      reason: 'changed',
      failure: null,
      needsRestart: [findingOf('LG_DELIVER_NEEDS_RESTART', ['app', 'threads'])],
    },
  },
  published: 'sha256:1',
  active: 'sha256:1',
  lastGood: 'sha256:1',
};

/** States that a sidecar has written, in each of its phases. */
function knownStates(): readonly State[] {
  const states = globSync(`${FIXTURES}/*/*.json`).flatMap((path): State[] => {
    const { files } = JSON.parse(readFileSync(path, 'utf8'));
    const [, journal] =
      Object.entries<{ json: { state: unknown } }>(files).find(([name]) =>
        name.endsWith('journal.json'),
      ) ?? [];
    return journal === undefined ? [] : [upgradeV1(journal.json.state)];
  });
  assert.ok(states.length > 10);
  return [EMPTY, PENDING, ...states];
}

/** Puts something wrong in one place of a copy. */
function mutate(state: State, random: Random): unknown {
  const copy = structuredClone({ state }) as Record<string, unknown>;
  let at: Record<string, unknown> = copy;
  for (;;) {
    const key = random.pick(Object.keys(at));
    const inner = at[key];
    const canDescend = typeof inner === 'object' && inner !== null && Object.keys(inner).length > 0;
    if (!canDescend || (at !== copy && random.chance(0.2))) {
      at[key] = WRONG[random.int(0, WRONG.length - 1)];
      return copy.state;
    }
    at = inner as Record<string, unknown>;
  }
}

/** What a sidecar does with the journal in its first moments; throws if it would crash. */
function start(saved: State, config: RolloutConfig, random: Random): void {
  const versions = [saved.published, saved.lastGood, 'sha256:new', null] as const;
  const [visible, lastGood] = [random.pick([0, 1, 2, 3]), random.pick([1, 3])];
  const found = { visible: versions[visible] ?? null, lastGood: versions[lastGood] ?? null };
  let [state] = recover({ saved, ...found, rollbackId: 'back' }, config);
  const tracker = createStatusTracker('model', config, systemClock);
  const rollout = 'new';
  const version = versions[random.int(0, 2)] ?? 'sha256:new';
  for (let round = 0; round < 6; round++) {
    const { generation } = state;
    const findings = [] as const;
    const event = random.pick([
      { type: 'captured', rollout, version },
      { type: 'validated', rollout, accepted: true, findings },
      { type: 'validated', rollout, accepted: false, findings },
      { type: 'done', generation, findings },
      { type: 'failed', generation, findings },
      { type: 'answered', generation, answer: 'refused', findings },
      { type: 'answered', generation, answer: 'fault', findings },
      { type: 'answered', generation, answer: 'restart', findings },
      { type: 'retry-due', generation },
    ] as const);
    [state] = next(state, event, config);
    JSON.stringify(tracker.status(state));
  }
}

test(`P7 a journal with anything wrong in it is lost or works (LASTGOOD_SEED=${SEED})`, () => {
  const random = new Random(SEED);
  const states = knownStates();
  let lost = 0;
  for (const state of states) assert.ok(isState(state), JSON.stringify(state));
  for (let round = 0; round < ROUNDS; round++) {
    const wrong: unknown = JSON.parse(JSON.stringify(mutate(random.pick(states), random)) ?? '0');
    if (!isState(wrong)) lost += 1;
    else {
      const attempt = () => start(wrong, random.pick(CONFIGS), random);
      assert.doesNotThrow(attempt, `round ${round}: ${JSON.stringify(wrong)}`);
    }
  }
  assert.ok(lost > ROUNDS / 4 && lost < ROUNDS, `${lost}`);
});

function journalIn(t: TestContext) {
  const dir = mkdtempSync(join(tmpdir(), 'lastgood-journal-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  mkdirSync(join(dir, 'model'));
  return { dir, path: join(dir, 'model/journal.json') };
}

test('P7 a journal that is not a file, or that is endless, is lost and replaced', async (t) => {
  const { dir, path } = journalIn(t);
  const plant: readonly [reason: RegExp, act: () => unknown][] = [
    [/is not a regular file$/, () => execFileSync('mkfifo', [path])],
    [/is not a regular file$/, () => symlinkSync('/dev/zero', path)],
    [/is larger than 8388608 bytes$/, () => writeFileSync(path, Buffer.alloc(9 * 2 ** 20, '['))],
    [/written by another version/, () => writeFileSync(path, '{"format":2,"state":[]}')],
    [/journal\.json: /, () => writeFileSync(path, 'null')],
    [/journal\.json: /, () => writeFileSync(path, `${'['.repeat(1e6)}`)],
    [
      /written by another version/,
      () =>
        writeFileSync(path, JSON.stringify({ format: 2, state: { ...EMPTY, quarantine: [null] } })),
    ],
  ];
  for (const [reason, act] of plant) {
    rmSync(path, { force: true });
    act();
    const reasons: string[] = [];
    const store = await openStore(dir, 'model', (each) => reasons.push(each));
    assert.equal(await store.readJournal(), null);
    assert.match(reasons.join(), reason);
    await store.writeJournal?.(EMPTY);
    assert.deepEqual(await store.readJournal(), EMPTY);
  }
});
