import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { generation } from '../pipeline/configs.ts';
import type { Notification, Rig } from './rig.ts';

/** Produces one fixture. */
export interface Scene {
  /** When the sidecar was killed, and what the app had answered until then. */
  readonly about: string;
  /** Of the bundle's settings: what differs from those of every scene. */
  readonly bundle?: (rig: Rig) => Record<string, unknown>;
  /** Runs the sidecar until it has been killed, or has stopped. */
  readonly run: (rig: Rig) => Promise<void>;
}

/** Longer than any test: a test that passes never waits this long. */
const LONG = '5m';

/** The settings of every scene. */
export function bundleOf({ pod }: Rig): Record<string, unknown> {
  return {
    publish: pod.live,
    targets: [webhook(pod.app.url)],
    confirm: confirm(pod.app.url),
  };
}

/** A target at that address, with short waits between its attempts. */
export function webhook(url: string, attempts = 5) {
  const retries = { attempts, backoff: '50ms', max: '10m' };
  return { webhook: { url: `${url}/admin/reload`, timeout: LONG, retries } };
}

export function confirm(url: string, within = LONG) {
  return { within, hold: '0ms', http: { url: `${url}/health` } };
}

/** Two targets, one after the other. */
export function twoTargets(rig: Rig): Record<string, unknown> {
  return { targets: [webhook(rig.pod.app.url), webhook(rig.second.url)] };
}

/** The app reads the volume itself. */
export function direct(): Record<string, unknown> {
  return { publish: undefined };
}

/** Another meaning triggers a reload; a comment does not. */
export function byMeaning(): Record<string, unknown> {
  return { reloadOn: 'meaning' };
}

/** Each swap of the volume triggers a reload, and the sidecar reads nothing of it. */
export function bySwap(): Record<string, unknown> {
  return { publish: undefined, confirm: undefined, validate: [], reloadOn: 'swap' };
}

/** The proof compares the metric with its value before the reload. */
export function byIncrease(rig: Rig): Record<string, unknown> {
  const metric = { url: rig.metricsUrl, query: 'app_reloads_total', increased: true };
  return { confirm: { within: LONG, hold: '0ms', metric } };
}

/** The proof is a time in Unix seconds after the reload. */
export function byTime(rig: Rig): Record<string, unknown> {
  const metric = { url: rig.metricsUrl, query: 'app_reloads_total', newer: true };
  return { confirm: { within: LONG, hold: '0ms', metric } };
}

/** The app refuses the second generation. */
export function refusesSecond(rig: Rig): void {
  rig.answer = ({ generation }) =>
    generation === 2 ? { status: 422, body: 'no such checkpoint' } : { status: 200 };
}

/** The app refuses a change and answers a rollback with a fault. */
export function failsRollback(rig: Rig): void {
  rig.answer = ({ reason }: Notification) => ({ status: reason === 'rollback' ? 500 : 422 });
}

/** The first generation in other bytes that mean the same. */
export function commented(): Record<string, string> {
  const files = generation(1);
  return { ...files, 'config.yaml': `# why\n${files['config.yaml']}` };
}

/** A content that no YAML reader takes. */
export function broken(): Record<string, string> {
  return { ...generation(3), 'config.yaml': 'generation: [\n' };
}

/** Rolls out the first generation and stops the sidecar. */
export async function runSteady({ pod }: Rig): Promise<void> {
  await pod.startOn(generation(1));
  await pod.kill('SIGTERM');
}

/** Starts the sidecar on the first generation, runs `act`, and kills it at the boundary. */
export async function killAt(
  rig: Rig,
  boundary: string,
  act: () => Promise<unknown>,
  nth = 1,
): Promise<void> {
  await runSteady(rig);
  const { pod } = rig;
  const since = pod.lines.length;
  pod.start({ heldAt: boundary, nth });
  await pod.outcome('unchanged', since);
  await act();
  await pod.line(({ held }) => held === boundary, boundary, since);
  await pod.kill();
}

/** Kills the sidecar at the boundary while it rolls out the second generation. */
export function killDuringChange(boundary: string, nth = 1): Scene['run'] {
  return (rig) => killAt(rig, boundary, () => rig.pod.write(generation(2)), nth);
}

/** The app refuses the second generation; kills the sidecar at the boundary of the rollback. */
export function killDuringRollback(boundary: string, nth = 1): Scene['run'] {
  return (rig) => {
    refusesSecond(rig);
    return killDuringChange(boundary, nth)(rig);
  };
}

/** Starts the sidecar on what there is, and kills it at the boundary. */
export async function restartAndKillAt({ pod }: Rig, boundary: string, nth = 1): Promise<void> {
  const since = pod.lines.length;
  pod.start({ heldAt: boundary, nth });
  await pod.line(({ held }) => held === boundary, boundary, since);
  await pod.kill();
}

/** Kills the sidecar at the boundary of its first start. */
export function killDuringStart(boundary: string, nth = 1): Scene['run'] {
  return async (rig) => {
    await rig.pod.write(generation(1));
    await restartAndKillAt(rig, boundary, nth);
  };
}

/** Puts a file in the place of the directory while `work` runs, so that writes to it fail. */
export async function withBlocked(dir: string, work: () => Promise<unknown>): Promise<void> {
  await rename(dir, `${dir}-aside`);
  await writeFile(dir, '');
  try {
    await work();
  } finally {
    await rm(dir);
    await rename(`${dir}-aside`, dir);
  }
}

/** Where the last good snapshot is kept. */
export function lastGoodDir({ pod }: Rig): string {
  return join(pod.dir, 'state', 'model', 'last-good');
}

/** Rolls out the third generation during the delivery of the second one. */
export async function supersedeSecond(rig: Rig): Promise<void> {
  rig.answer = ({ generation }) => ({ status: generation === 2 ? 500 : 200 });
  await rig.configure({ targets: [{ webhook: slowRetries(rig) }] });
  await killAt(
    rig,
    'before publish',
    async () => {
      await rig.pod.write(generation(2));
      await rig.pod.line(({ step, result }) => step === 'deliver' && result === 'fault', 'a fault');
      await rig.pod.write(generation(3));
    },
    2,
  );
}

function slowRetries({ pod }: Rig) {
  const { webhook: settings } = webhook(pod.app.url);
  return { ...settings, retries: { ...settings.retries, backoff: '5m' } };
}
