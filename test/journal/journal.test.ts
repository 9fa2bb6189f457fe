import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { openStore } from '../../sidecar/src/steps/commit/state-store.ts';
import { generation } from '../pipeline/configs.ts';
import type { Line } from '../pipeline/pod.ts';
import { CASES, type Case, LAST } from './cases.ts';
import { FIELDS } from './fields.ts';
import { type Fixture, readFixtures } from './fixture.ts';
import { type Notification, Rig } from './rig.ts';

const fixtures = await readFixtures();

for (const [name, fixture] of fixtures)
  test(`P7: on ${name} the sidecar goes on where the one before it was`, async (t) => {
    const expected = caseOf(name);
    const rig = await Rig.create(t);
    await rig.restore(fixture);
    await assertGoesOn(rig, fixture, expected);
    const since = rig.pod.lines.length;
    await rollOutLast(rig, expected);
    assert.deepEqual(outcomesOf(rig.pod.lines.slice(since)), ['committed']);
    const isLast = ({ generation }: Notification) => generation === LAST;
    assert.deepEqual(
      rig.notifications.filter((each) => !isLast(each)).map(describe),
      expected.notified ?? [],
    );
    const targets = rig.pod.bundle.targets as readonly object[];
    const webhooks = targets.filter((target) => 'webhook' in target);
    assert.equal(rig.notifications.filter(isLast).length, webhooks.length);
    assert.deepEqual(rig.pod.lines.filter(isLoss), []);
  });

test('each case has a fixture of the first version that knew it, and each version a list of its fields', () => {
  const versions = new Set([...fixtures.keys()].map((name) => name.split('/')[0]));
  const all = Object.entries(CASES).map(([name, { since = 'v1' }]) => `${since}/${name}`);
  assert.deepEqual([...fixtures.keys()].sort(), all.sort());
  assert.deepEqual([...versions], Object.keys(FIELDS));
});

for (const [version, fields] of Object.entries(FIELDS))
  test(`the fixtures of ${version} have every field that was written`, () => {
    const found = new Set<string>();
    for (const [name, { files }] of fixtures)
      if (name.startsWith(`${version}/`))
        for (const [path, entry] of Object.entries(files))
          if (/^state\/[^/]+\/[^/]+\.json$/.test(path) && 'json' in entry)
            addFields(found, path.replace(/^state\/[^/]+\//, ''), entry.json);
    assert.deepEqual([...found].sort(), [...fields].sort());
  });

test('the sidecar reads the journal of every fixture', async (t) => {
  const rig = await Rig.create(t);
  for (const [name, fixture] of fixtures) {
    await rig.restore(fixture);
    const lost: string[] = [];
    const store = await openStore(join(rig.pod.dir, 'state'), 'model', (why) => lost.push(why));
    const state = await store.readJournal();
    assert.deepEqual(lost, [], name);
    assert.equal(state?.phase.name, name.split('/')[1]?.replace('back_', ''), name);
  }
});

/** `v1/steady/swap` is the case `steady/swap`. */
function caseOf(name: string): Case {
  const found = CASES[name.slice(name.indexOf('/') + 1)];
  assert.ok(found, `nothing is expected of ${name}`);
  return found;
}

/** Starts the sidecar, waits for the outcomes, and checks that they are the expected ones. */
async function assertGoesOn(rig: Rig, { rollout }: Fixture, expected: Case): Promise<void> {
  const { pod } = rig;
  rig.answer = (notification) => expected.answer?.(notification, rig) ?? { status: 200 };
  await expected.before?.(rig);
  pod.start();
  const { outcomes, resumed, again } = expected;
  const isDone = () => outcomesOf(pod.lines).length >= outcomes.length || undefined;
  await pod.until(isDone, `outcomes ${outcomes.join(', ')}`);
  assert.deepEqual(outcomesOf(pod.lines), outcomes);
  const same = pod.lines.filter((line) => line.rollout === rollout && line.outcome !== undefined);
  assert.deepEqual(outcomesOf(same), [resumed ?? []].flat());
  if (again !== undefined)
    assert.ok(pod.lines.some(({ outcome, msg }) => outcome && `${msg}`.includes(` ${again};`)));
  await assertStatus(rig, expected);
  await expected.after?.(rig);
}

async function assertStatus({ pod, generation: seen }: Rig, expected: Case): Promise<void> {
  const { rejected: [step, reason = ''] = [], runs } = expected;
  const { phase, active, lastGood, desired, rejected, health } = await pod.status();
  assert.equal(seen, runs);
  assert.equal(phase, 'steady');
  assert.ok(active);
  assert.equal(active, lastGood);
  assert.equal(rejected?.step, step);
  assert.equal(health.state, step === undefined ? 'ok' : 'degraded');
  assert.equal(active === desired, step === undefined, 'it runs on what the volume holds');
  assert.ok(JSON.stringify(rejected?.findings ?? '').includes(reason));
}

/** One more change goes all the way. */
async function rollOutLast(rig: Rig, { next }: Case): Promise<void> {
  const since = rig.pod.lines.length;
  const ends = next?.(rig);
  await rig.pod.write(generation(LAST));
  await Promise.all([ends, rig.pod.outcome('committed', since)]);
}

function outcomesOf(lines: readonly Line[]): string[] {
  return lines.flatMap(({ outcome }) => (outcome === undefined ? [] : [`${outcome}`])).sort();
}

function describe({ app, reason, generation, attempt }: Notification): string {
  const who = app === 'first' ? '' : `${app}: `;
  return `${who}${reason} ${generation}${attempt === 1 ? '' : `, attempt ${attempt}`}`;
}

/** Only the line that says why the sidecar discards its journal has a `reason`. */
function isLoss({ code, reason }: Line): boolean {
  return code === 'LG_COMMIT_STATE' || reason !== undefined;
}

/** Adds the paths of all values; the elements of an array have the same one. */
function addFields(fields: Set<string>, path: string, value: unknown): void {
  if (Array.isArray(value)) for (const element of value) addFields(fields, `${path}[]`, element);
  else if (typeof value === 'object' && value !== null)
    for (const [key, each] of Object.entries(value)) addFields(fields, `${path}.${key}`, each);
  else fields.add(value === null ? `${path} = null` : path);
}
