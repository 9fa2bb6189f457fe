/**
 * Records fixtures: runs the sidecar of this working copy, kills it at a boundary of its steps, and
 * writes down what it has left behind. Run it by hand, once, on the last commit that writes a format:
 *
 *     npx node test/journal/record.ts v1                 # every scene
 *     npx node test/journal/record.ts v1 steady/swap     # one of them
 *
 * then `npm run format`. It replaces no fixture. See `fixtures/README.md`.
 */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { readTrees, writeFixture } from './fixture.ts';
import { Rig } from './rig.ts';
import { bundleOf, type Scene } from './scenes.ts';
import { BACK } from './scenes-back.ts';
import { FORWARD } from './scenes-forward.ts';
import { IDLE } from './scenes-idle.ts';

const [format = '', wanted = ''] = process.argv.slice(2);
assert.match(format, /^v\d+$/, 'usage: node test/journal/record.ts v<number> [scene]');

/** The phase that the name of a fixture begins with, and the rollout that the journal names. */
async function journalOf({ pod }: Rig): Promise<{ phase: string; rollout: string | null }> {
  const journal = await readFile(join(pod.dir, 'state', 'model', 'journal.json'), 'utf8');
  const { phase } = JSON.parse(journal).state;
  const named = Object.values<{ rollout?: string } | null>(phase).find((each) => each?.rollout);
  const back = phase.rollout?.failure ? 'back_' : '';
  return { phase: `${back}${phase.name}`, rollout: named?.rollout ?? null };
}

async function record(name: string, { about, bundle, run }: Scene, rig: Rig): Promise<void> {
  await rig.configure({ ...bundleOf(rig), ...bundle?.(rig) });
  await run(rig);
  const { phase, rollout } = await journalOf(rig);
  assert.equal(phase, name.split('/')[0]);
  const files = await readTrees(rig.pod.dir);
  const fixture = { about, rollout, bundle: rig.pod.bundle, files };
  await writeFixture(`${format}/${name}`, fixture, rig.values);
}

for (const [name, scene] of Object.entries({ ...IDLE, ...FORWARD, ...BACK }))
  if (name.startsWith(wanted))
    test(`record ${name}`, async (t) => record(name, scene, await Rig.create(t)));
