import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Volume } from '../../contents/volume.ts';
import { OutageApp } from '../../outage-app.ts';
import { median } from '../../percentiles.ts';
import { ours, type Reloader, real, shellLoop } from '../../reloader.ts';
import { cell, type Target } from '../../section.ts';
import type { Workbench } from '../../workbench.ts';
import type { Part } from './part.ts';

const DOWN_MS = 15_000;
/** The longest pause of any contender, and more. */
const DEADLINE_MS = 30_000;
const DEAD_MS = 10_000;

const RETRIES = { what: ', --webhook-retries=10', flags: ['--webhook-retries=10'] };

/** An endpoint that is down when the content changes, and up again after 15 s. */
export async function outageOf(bench: Workbench, contenders: readonly Reloader[]): Promise<Part> {
  const shell = { name: 'shell loop: md5sum every 10 s', isOurs: false, start: shellLoop };
  const retrying = [real('configmap-reload', RETRIES), ours('configmap-reload', RETRIES)];
  const all = [...contenders, ...retrying.filter((each) => each !== undefined), shell];
  bench.say(`reloaders: an endpoint that is down for ${DOWN_MS / 1_000} s, for all side by side`);
  const took = await Promise.all(all.map((reloader) => outage(bench, reloader)));
  const timesOf = (name: string) => took[all.findIndex((each) => each.name === name)] ?? [];
  return {
    table: {
      columns: [
        'contender, endpoint down for 15 s',
        'outages',
        'p50 s until notified',
        'max s',
        'never',
      ],
      rows: all.map(({ name }, index) => rowOf(name, took[index] ?? [])),
    },
    notes: [
      'The content changes while the endpoint is down; the time is from the moment when the endpoint listens again to the request at which the app finds the new content. "Never" is within 30 s. With its default of one try configmap-reload gives up; with ten it pauses for 10 s between them.',
    ],
    targets: targetsOf(timesOf),
  };
}

/** The seconds until the app got the request, Infinity if it never did. */
async function outage(
  bench: Workbench,
  { name, start }: Pick<Reloader, 'name' | 'start'>,
): Promise<readonly number[]> {
  const slug = `outage-${name.replace(/[^a-z]+/gi, '-')}`;
  const volume = await Volume.create(join(bench.directory(slug), 'volume'));
  const app = new OutageApp(volume.dir);
  await app.up();
  const { child } = await start(bench, { volume: volume.dir, url: app.url });
  const took: number[] = [];
  for (let count = 0; count < bench.plan.reloaders.outages; count += 1) {
    await app.down();
    const { generation } = await volume.swap();
    // At another moment of everybody's pauses each time.
    await sleep(DOWN_MS + Math.random() * DEAD_MS);
    await app.up();
    const upMs = performance.now();
    const notifiedMs = await app.notified(generation, DEADLINE_MS);
    took.push(notifiedMs === undefined ? Number.POSITIVE_INFINITY : (notifiedMs - upMs) / 1_000);
  }
  await child.stop();
  await app.down();
  return took;
}

function rowOf(name: string, took: readonly number[]): string[] {
  const notified = took.filter(Number.isFinite);
  return [
    name,
    String(took.length),
    cell(median(notified)),
    cell(notified.length === 0 ? Number.NaN : Math.max(...notified)),
    String(took.length - notified.length),
  ];
}

function targetsOf(timesOf: (name: string) => readonly number[]): Target[] {
  const theirs = timesOf(`configmap-reload${RETRIES.what}`);
  const own = timesOf(`lastgood for configmap-reload${RETRIES.what}`);
  if (theirs.length === 0) return [];
  const ratio = median(own) / median(theirs);
  return [
    {
      what: 'notified after an outage: over configmap-reload with ten tries, p50',
      aim: '≤ × 0.2',
      measured: `× ${cell(ratio)}`,
      isMet: ratio <= 0.2,
    },
  ];
}
