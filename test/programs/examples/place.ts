import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { State } from '@lastgood/sdk';
import { load } from 'js-yaml';
import type { BundleStatus } from '../../../sidecar/src/observability/status.ts';
import { DEADLINE_MS } from '../../deadline.ts';
import { Pod } from '../../pipeline/pod.ts';

/** Where an example takes its configuration from. */
export interface Place {
  readonly env: Readonly<Record<string, string>>;
  /** One update of the volume by the kubelet. The first one starts the sidecar. */
  write(files: Readonly<Record<string, string>>): Promise<void>;
  /** What the sidecar shows of the bundle, once it fits. Left out without a sidecar. */
  readonly status?: (fits: (status: BundleStatus) => boolean) => Promise<BundleStatus>;
  /** All that the sidecar has written. */
  readonly log?: () => string;
}

/** The volume itself. */
async function inDirectory(context: TestContext): Promise<Place> {
  const pod = await Pod.create(context);
  return { env: { LASTGOOD_DIR: pod.source }, write: (files) => pod.write(files) };
}

/** The sidecar as a process, with the settings of the example for this volume. */
async function besideSidecar(context: TestContext, example: string): Promise<Place> {
  const pod = await Pod.create(context);
  const { bundles } = load(await readFile(join(example, 'lastgood.yaml'), 'utf8')) as {
    bundles: [{ volumes: [Record<string, unknown>] } & Record<string, unknown>];
  };
  const [{ volumes, ...bundle }] = bundles;
  for (const key of Object.keys(pod.bundle)) delete pod.bundle[key];
  Object.assign(pod.bundle, bundle, { volumes: [{ ...volumes[0], path: pod.source }] });
  const runDir = join(pod.dir, 'run');
  await pod.configured({ runDir });
  return {
    env: { LASTGOOD_SOCKET: join(runDir, 'sdk.sock') },
    write: async (files) => {
      await pod.write(files);
      if (pod.pid === undefined) pod.start();
    },
    status: (fits) => lookUntil(() => pod.status(), fits),
    log: () => JSON.stringify(pod.lines) + pod.stderr,
  };
}

/** The code of an example is the same in each. */
export const PLACES = [
  ['on a directory', inDirectory],
  ['beside the sidecar', besideSidecar],
] as const;

type HealthRoute = State & { readonly version: string };

/** The state that the health route of an app shows, once it fits. */
export function stateOf(url: string, fits: (state: HealthRoute) => boolean): Promise<HealthRoute> {
  const look = async () => (await (await fetch(`${url}/health/config`)).json()) as HealthRoute;
  return lookUntil(look, fits);
}

async function lookUntil<T>(look: () => Promise<T>, fits: (seen: T) => boolean): Promise<T> {
  const deadline = Date.now() + DEADLINE_MS;
  for (;;) {
    // The app may be ready before the sidecar has said where its pages are.
    const seen = await look().catch((error: unknown) => {
      if (Date.now() > deadline) throw error;
    });
    if (seen !== undefined && fits(seen)) return seen;
    if (Date.now() > deadline) throw new Error(`still ${JSON.stringify(seen)}`);
    await sleep(20);
  }
}
