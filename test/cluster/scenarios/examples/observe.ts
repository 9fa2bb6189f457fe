import assert from 'node:assert/strict';
import { eventually } from '../../api.ts';
import { seconds } from '../figures.ts';
import type { Pod } from '../pod.ts';
import { type ExampleRun, readTable, type Shown, show } from './example-run.ts';

/** What the app shows of each row of the table in the README. */
export type Rows = Readonly<Record<string, (shown: Shown) => unknown>>;

/** When a change counts. */
type When = 'live' | 'restart' | 'never';

interface Options {
  readonly pod: Pod;
  readonly rows: Rows;
  /** Changes all rows. */
  readonly edit: () => Promise<void>;
  /** Changes one of the rows that change live once more. */
  readonly again: { readonly row: string; readonly edit: () => Promise<void> };
  /** An edit that lastgood rejects: then nothing changes, not even with a restart. */
  readonly rejected?: {
    readonly row: string;
    readonly bundle: string;
    readonly edit: () => Promise<void>;
    readonly reason: RegExp;
  };
  readonly restart: (pod: Pod) => Promise<void>;
}

/**
 * Finds which rows change while the container runs and which after its restart, and compares that with the
 * table in the README. The kubelet brings all volumes of a pod in one round, so that a row that has not changed
 * when the others have does not change.
 */
export async function observe(run: ExampleRun, folder: string, options: Options): Promise<void> {
  const { pod, rows, edit, again, rejected, restart } = options;
  const table = readTable(folder);
  const live = Object.keys(rows).filter((row) => table[row] === 'live');
  const hasSidecar = (await pod.container('lastgood')) !== undefined;
  const before = await show(pod);
  const firstMs = await measure(`the live rows of ${folder}`, edit, async () => {
    const changed = changedRows(rows, before, await show(pod));
    return live.every((row) => changed.includes(row));
  });
  // Or the next edit would supersede this one while it is on probation.
  if (hasSidecar) await pod.steady();
  const after = await show(pod);
  // The kubelet has just looked, so that this one waits for its next round.
  const againMs = await measure(`${again.row} of ${folder} again`, again.edit, async () =>
    changedRows(rows, after, await show(pod)).includes(again.row),
  );
  if (hasSidecar) await pod.steady();
  const changedLive = changedRows(rows, before, await show(pod));
  if (rejected !== undefined) await reject(pod, rejected);
  const { files } = await show(pod);
  const restartMs = await measure(
    `the restart of ${folder}`,
    () => restart(pod),
    async () => true,
  );
  const last = await show(pod);
  const changedThen = changedRows(rows, before, last);
  const found = Object.keys(rows).map((row) => [row, whenOf(row, changedLive, changedThen)]);
  if (rejected !== undefined) {
    assert.deepEqual(last.files, files);
    found.push([rejected.row, 'never']);
  }
  assert.deepEqual(Object.fromEntries(found), table);
  run.report(
    `${folder}: live after ${seconds(firstMs)} and ${seconds(againMs)}, restart ${seconds(restartMs)}`,
  );
}

async function reject(pod: Pod, { bundle, edit, reason }: NonNullable<Options['rejected']>) {
  const before = await show(pod);
  const editedMs = Date.now();
  await edit();
  const { msg } = await pod.outcome('rejected', editedMs, bundle);
  assert.match(msg, reason);
  assert.deepEqual(await show(pod), before);
}

async function measure(
  what: string,
  start: () => Promise<void>,
  isDone: () => Promise<boolean>,
): Promise<number> {
  const startMs = Date.now();
  await start();
  await eventually(what, async () => (await isDone()) || undefined);
  return Date.now() - startMs;
}

function whenOf(row: string, live: readonly string[], afterRestart: readonly string[]): When {
  if (live.includes(row)) return 'live';
  return afterRestart.includes(row) ? 'restart' : 'never';
}

function changedRows(rows: Rows, before: Shown, after: Shown): readonly string[] {
  return Object.entries(rows)
    .filter(([, read]) => JSON.stringify(read(before)) !== JSON.stringify(read(after)))
    .map(([row]) => row);
}
