import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { LastgoodError, reasonOf } from '@lastgood/core/model/error.ts';
import type { Version } from '@lastgood/core/model/snapshot.ts';
import { replaceFile } from '../../io/fs/atomic-write.ts';
import type { ProcessId } from '../../io/process/process-table.ts';

/** That a restart for a version was asked for, and how far it has come. */
export interface RestartRequest {
  readonly version: Version;
  readonly rollout: string;
  /** When, in milliseconds since the epoch. */
  readonly atMs: number;
  /** False from before SIGTERM until after it: a sidecar that was killed in between cannot know. */
  readonly sent: boolean;
  /** Who was asked to end; empty: nobody was there, and whoever comes reads the new version. */
  readonly ended: readonly ProcessId[];
  /** All that matched then, with the workers: none of these is the new process. */
  readonly old: readonly ProcessId[];
  /** Who came up instead, once it was seen. */
  readonly runs?: readonly ProcessId[];
}

/** What a restart target remembers, so that it ends nobody twice for one version (P7). */
export interface RestartJournal {
  /** The newest ask; undefined when there is none, or it cannot be read any more. */
  read(): Promise<RestartRequest | undefined>;
  /** Returns when it is on disk. Rejects with LG_COMMIT_STATE. */
  write(ask: RestartRequest): Promise<RestartRequest>;
}

/** The same as the journal: nobody else has to read it. */
const FILE_MODE = 0o600;

/** With no path it is remembered for as long as this process lives. */
export function openRestartJournal(path: string | undefined): RestartJournal {
  let known: RestartRequest | undefined;
  return {
    read: async () => {
      if (known === undefined && path !== undefined) known = await readRequest(path);
      return known;
    },
    write: async (ask) => {
      try {
        if (path !== undefined)
          await replaceFile(path, Buffer.from(`${JSON.stringify(ask)}\n`), FILE_MODE);
      } catch (error) {
        const args = [dirname(path ?? ''), reasonOf(error)];
        throw new LastgoodError('LG_COMMIT_STATE', args, { cause: error });
      }
      known = ask;
      return ask;
    },
  };
}

/** A file that was cut, or is of another lastgood, is as good as none: then it is asked once more. */
async function readRequest(path: string): Promise<RestartRequest | undefined> {
  try {
    const ask = JSON.parse(await readFile(path, 'utf8')) as Partial<RestartRequest> | null;
    const isAsk = Array.isArray(ask?.ended) && Array.isArray(ask.old);
    return isAsk && typeof ask.atMs === 'number' ? (ask as RestartRequest) : undefined;
  } catch {
    return undefined;
  }
}
