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

/** Resolves when lastgood has written to its journal that it is in this phase. */
export async function journaled({ state }: Volumes, phase: Phase['name']): Promise<void> {
  const journal = join(state, 'model', 'journal.json');
  const deadlineMs = performance.now() + DEADLINE_MS;
  while (JSON.parse(readFileSync(journal, 'utf8')).state.phase.name !== phase) {
    if (performance.now() > deadlineMs) throw new DemoFailure(`the journal never says ${phase}`);
    await sleep(1);
  }
}
