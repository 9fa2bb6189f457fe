import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Volume } from '../contents/volume.ts';
import { median, percentile } from '../percentiles.ts';
import { cell, type Section } from '../section.ts';
import type { Workbench } from '../workbench.ts';

const ENTRY = join(import.meta.dirname, '../../sdk/dist/index.js');
const APP = join(import.meta.dirname, '../contenders/sdk-socket-app.mjs');

const DEADLINE_MS = 60_000;
/** From one change to the next. */
const GAP_MS = 20;

const MANY = 200;
/** For the many. A process for each would need more memory than a small machine has. */
const PROCESSES = 4;
const AIM_EVENT_MS = 3;
const AIM_MANY_MS = 300;

/** Milliseconds of each change. */
interface Changes {
  /** From the swap of the volume to the listener of the app. */
  readonly shownMs: readonly number[];
  /** Of the sidecar: all have prepared; all have switched. */
  readonly preparedMs: readonly number[];
  readonly switchedMs: readonly number[];
}

/** How soon a change is in the apps that subscribe to the sidecar, by the SDK over its socket. */
export async function measureSdkSocket(bench: Workbench): Promise<Section> {
  const one = await measureChanges(bench, 1, 1);
  const many = await measureChanges(bench, PROCESSES, MANY / PROCESSES);
  const bothMs = many.preparedMs.map((ms, index) => ms + (many.switchedMs[index] ?? Number.NaN));
  const [eventMs, manyMs] = [median(one.switchedMs), median(bothMs)];
  bench.say(`sdk-socket: commit ${cell(eventMs)} ms, ${MANY} subscribers ${cell(manyMs)} ms`);
  return {
    title: 'A change over the socket of the SDK',
    tables: [
      {
        columns: [
          'subscribers',
          'changes',
          'prepare p50 ms',
          'commit p50 ms',
          'swap to onChange p50 ms',
          'p99 ms',
        ],
        rows: [one, many].map(({ shownMs, preparedMs, switchedMs }, index) => [
          String(index === 0 ? 1 : MANY),
          String(shownMs.length),
          cell(median(preparedMs)),
          cell(median(switchedMs)),
          cell(median(shownMs)),
          cell(percentile(shownMs, 99)),
        ]),
      },
    ],
    notes: [
      `The built sidecar and the built package, with 10 KB of YAML. The ${MANY} subscribers are in ${PROCESSES} processes, which parse each version once for each of them.`,
      '*Prepare* and *commit* are by the log of the sidecar: from the event to the answers of all. The answer to `commit` is sent after the listeners of the app were called. *Swap to onChange* also has the capture, the checks and the publish.',
    ],
    targets: [
      {
        what: 'SDK: from the event over the socket to `onChange` and back, p50',
        aim: `≤ ${AIM_EVENT_MS} ms`,
        measured: `${cell(eventMs)} ms`,
        isMet: eventMs <= AIM_EVENT_MS,
      },
      {
        what: `SDK: both phases of ${MANY} subscribers, p50`,
        aim: `≤ ${AIM_MANY_MS} ms`,
        measured: `${cell(manyMs)} ms`,
        isMet: manyMs <= AIM_MANY_MS,
      },
    ],
  };
}

async function measureChanges(
  bench: Workbench,
  processes: number,
  count: number,
): Promise<Changes> {
  const dir = bench.directory('sdk-socket');
  const volume = await Volume.create(join(dir, 'volume'));
  const options = { volume: volume.dir, dir, url: '', mode: 'direct', isChecked: true } as const;
  const sidecar = await bench.sidecar({ ...options, hasSubscribers: true });
  await sidecar.ready();
  const args = [APP, ENTRY, join(dir, 'run/sdk.sock'), String(count)];
  const apps = Array.from({ length: processes }, () =>
    bench.start('app', { command: process.execPath, args }),
  );
  for (const app of apps)
    await app.until('connection', () => app.tail.find((line) => line === 'ready'), DEADLINE_MS);
  const seenAtMs = new Map<number, number>();
  const [app] = apps;
  if (app === undefined) throw new RangeError('at least one process');
  app.onLine((line) => seenAtMs.set(Number(/^changed (\d+)$/.exec(line)?.[1]), performance.now()));
  const shownMs: number[] = [];
  for (let round = 0; round < bench.plan.latency.swaps; round += 1) {
    await sleep(GAP_MS);
    const committed = sidecar.outcomes('committed');
    const { generation, atMs } = await volume.swap();
    const seen = () => seenAtMs.get(generation);
    shownMs.push((await app.until(`change ${generation}`, seen, DEADLINE_MS)) - atMs);
    await sidecar.committed(committed + 1, DEADLINE_MS);
  }
  for (const each of apps) await each.stop();
  await sidecar.stop();
  // The first version has no delivery.
  const lastOf = (step: string) => sidecar.tookMs(step).slice(-shownMs.length);
  return { shownMs, preparedMs: lastOf('prepare'), switchedMs: lastOf('deliver') };
}
