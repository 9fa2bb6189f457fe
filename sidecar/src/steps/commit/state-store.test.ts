import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { findingOf } from '@lastgood/core/model/error.ts';
import { EMPTY, type State } from '../../rollout/state.ts';
import { openStore } from './state-store.ts';

async function stateDir(context: TestContext): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'lastgood-store-'));
  context.after(() => rm(dir, { recursive: true, force: true }));
  return dir;
}

const never = (reason: string) => assert.fail(`the journal was lost: ${reason}`);

test('P7: the next sidecar reads the journal back', async (context) => {
  const dir = await stateDir(context);
  const store = await openStore(dir, 'model', never);
  assert.equal(await store.readJournal(), null);
  const state: State = { ...EMPTY, generation: 7, active: 'sha256:a', notifiedTargets: [0] };
  await store.writeJournal?.(state);
  const later = await openStore(dir, 'model', never);
  assert.deepEqual(await later.readJournal(), state);
});

test('the journal leaves out what a capture finds again', async (context) => {
  const store = await openStore(await stateDir(context), 'model', never);
  const candidate = { rollout: 'r', version: 'sha256:b' } as const;
  await store.writeJournal?.({
    ...EMPTY,
    desired: 'sha256:b',
    checking: candidate,
    next: candidate,
  });
  assert.deepEqual(await store.readJournal(), EMPTY);
});

test('a journal that cannot be used is reported as lost, and is not an error', async (context) => {
  const dir = await stateDir(context);
  const reasons: string[] = [];
  const store = await openStore(dir, 'model', (reason) => reasons.push(reason));
  const old = { seq: 1, told: [], quarantine: [], phase: { name: 'steady' } };
  const now = { ...EMPTY, generation: 1 };
  const publishing = (rollout: unknown) => ({ name: 'publishing', rollout, tries: {} });
  const journals = [
    { format: 99, state: now },
    { format: 1, state: {} },
    { format: 1, state: null },
    { format: 2, state: null },
    { format: 2, state: { ...now, phase: null } },
    { format: 2, state: { ...now, phase: publishing(null) } },
    { format: 1, state: { ...old, phase: publishing(null) } },
    { format: 1, state: { ...old, phase: publishing({ rollout: 'r', version: 'sha256:a' }) } },
  ];
  for (const text of ['', '{"format":1', ...journals.map((each) => JSON.stringify(each))]) {
    await writeFile(join(dir, 'model', 'journal.json'), text);
    assert.equal(await store.readJournal(), null, text);
  }
  assert.equal(reasons.length, 2 + journals.length);
  for (const reason of reasons.slice(2))
    assert.match(reason, /journal\.json was written by another version of lastgood$/);
});

test('P8: the key of the versions is created once, and is private', async (context) => {
  const dir = await stateDir(context);
  const { versionKey, lastGoodDir } = await openStore(dir, 'db', never);
  const path = join(dir, 'db', 'version.key');
  assert.deepEqual(await readFile(path), versionKey);
  assert.equal((await stat(path)).mode & 0o777, 0o600);
  assert.equal((await stat(lastGoodDir ?? '')).mode & 0o777, 0o700);
  assert.deepEqual((await openStore(dir, 'db', never)).versionKey, versionKey);
  assert.notDeepEqual((await openStore(dir, 'other', never)).versionKey, versionKey);
});

test('a stateDir that is not writable is LG_COMMIT_STATE', async () => {
  const opening = openStore('/dev/null/state', 'model', never);
  await assert.rejects(opening, { code: 'LG_COMMIT_STATE', step: 'commit' });
});

test('P7: a journal of format 1 is translated to the current names', async (context) => {
  const dir = await stateDir(context);
  const store = await openStore(dir, 'model', never);
  const [before, equal] = ['sha256:a', 'sha256:b'] as const;
  const findings = [findingOf('LG_INTERNAL', ['gone'])];
  const failure = { kind: 'cut-off', step: 'publish', findings };
  const rollout = { rollout: 'r', version: equal, sameAs: before, reason: 'changed', quiet: true };
  const common = { published: equal, active: before, lastGood: before, quarantine: [] };
  const rest = { ...common, desired: null, checking: null, next: null, rejected: null };
  const read = async (state: object) => {
    const journal = JSON.stringify({ format: 1, state: { ...rest, ...state } });
    await writeFile(join(dir, 'model', 'journal.json'), journal);
    return store.readJournal();
  };
  const again = { version: equal, failures: 2, recheck: true } as const;
  const delivering = {
    name: 'delivering',
    rollout: { ...rollout, failure, resumed: true },
    target: 1,
    tries: { attempt: 3, faults: 1, findings: [] },
  };
  assert.deepEqual(await read({ seq: 9, phase: delivering, told: [0, 1], again }), {
    ...rest,
    generation: 9,
    phase: {
      ...delivering,
      rollout: {
        rollout: 'r',
        version: equal,
        equivalentTo: before,
        reason: 'changed',
        failure: { ...failure, kind: 'interrupted' },
        resumed: true,
        skipNotify: true,
      },
    },
    notifiedTargets: [0, 1],
    pendingRetry: again,
  });
  const starting = { name: 'starting', fresh: false, cutOff: rollout, spare: 's' };
  assert.deepEqual((await read({ seq: 1, phase: starting, told: [], again: null }))?.phase, {
    name: 'starting',
    firstStart: false,
    interrupted: { rollout: 'r', version: equal, equivalentTo: before },
    rollbackId: 's',
  });
});
