import { readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Phase } from '../../sidecar/src/rollout/state.ts';
import { DEADLINE_MS } from '../deadline.ts';
import { DemoFailure } from './failure.ts';

/** Where the volumes of the pod are on this machine. */
export interface Volumes {
  readonly settings: string;
  readonly source: string;
  readonly live: string;
  readonly state: string;
}

/** The published directory, as the app reads it. */
export interface Published {
  readonly text: string;
  /** The 12 digits in the name that `..data` leads to. */
  readonly version: string;
}

export function readPublished({ live }: Volumes): Published {
  const name = readlinkSync(join(live, '..data'));
  return {
    text: readFileSync(join(live, name, 'config.yaml'), 'utf8'),
    version: /\.([0-9a-f]{12})(?:\.\d+)?$/.exec(name)?.[1] ?? name,
  };
}

/** The phase that lastgood's journal names. */
export function readPhase({ state }: Volumes): Phase['name'] {
  const journal = join(state, 'model', 'journal.json');
  return JSON.parse(readFileSync(journal, 'utf8')).state.phase.name;
}

/** Resolves when the journal names another phase than this one. */
export async function phaseEnded(volumes: Volumes, phase: Phase['name']): Promise<void> {
  const deadlineMs = performance.now() + DEADLINE_MS;
  while (readPhase(volumes) === phase) {
    if (performance.now() > deadlineMs)
      throw new DemoFailure(`the journal still says ${phase} after ${DEADLINE_MS / 1_000} s`);
    await sleep(1);
  }
}
