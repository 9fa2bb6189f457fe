import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { State } from '@lastgood/sdk';
import { DEADLINE_MS } from '../../deadline.ts';
import { Pod } from '../../pipeline/pod.ts';

/** Where an example takes its configuration from. */
export interface Place {
  readonly env: Readonly<Record<string, string>>;
  /** One update of the volume by the kubelet. */
  write(files: Readonly<Record<string, string>>): Promise<void>;
}

/** The volume itself, without a sidecar. */
export async function inDirectory(context: TestContext): Promise<Place> {
  const pod = await Pod.create(context);
  return { env: { LASTGOOD_DIR: pod.source }, write: (files) => pod.write(files) };
}

/** The state that the health route of an app shows, once it fits. */
export async function stateOf(
  url: string,
  fits: (state: State & { readonly version: string }) => boolean,
): Promise<State & { readonly version: string }> {
  const deadline = Date.now() + DEADLINE_MS;
  for (;;) {
    const response = await fetch(`${url}/health/config`);
    const state = (await response.json()) as State & { version: string };
    if (fits(state)) return state;
    if (Date.now() > deadline) throw new Error(`still ${JSON.stringify(state)}`);
    await sleep(20);
  }
}
