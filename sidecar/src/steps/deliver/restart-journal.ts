import { dirname } from 'node:path';
import { withErrorCode } from '@lastgood/core/model/error.ts';
import type { Version } from '@lastgood/core/model/snapshot.ts';
import { readStateFile, writeStateFile } from '../../io/fs/state-file.ts';
import type { ProcessId } from '../../io/process/process-table.ts';

/** A restart for a version, and how far it has come. */
export interface RestartRequest {
  readonly version: Version;
  readonly rollout: string;
  /** When, in milliseconds since the epoch. */
  readonly atMs: number;
  /** False until SIGTERM was sent: a sidecar that was killed around that moment cannot know. */
  readonly sent: boolean;
  /** The processes to end; empty if there were none, and any that starts reads the new version. */
  readonly ended: readonly ProcessId[];
  /** All that matched at that time, including the workers: none of these is the new process. */
  readonly old: readonly ProcessId[];
  /** The processes that replaced them, once they were seen. */
  readonly runs?: readonly ProcessId[];
}

/** Remembers the last restart, so that nothing is ended twice for one version (P7). */
export interface RestartJournal {
  /** The last request; undefined if there is none, or if it cannot be read. */
  read(): Promise<RestartRequest | undefined>;
  /** Returns when it is on disk. Rejects with LG_COMMIT_STATE. */
  write(request: RestartRequest): Promise<RestartRequest>;
}

/** Without a path it lasts only as long as this process. */
export function openRestartJournal(path: string | undefined): RestartJournal {
  let known: RestartRequest | undefined;
  return {
    read: async () => {
      if (known === undefined && path !== undefined) known = await readRequest(path);
      return known;
    },
    write: async (request) => {
      if (path !== undefined)
        await withErrorCode('LG_COMMIT_STATE', dirname(path), () => writeStateFile(path, request));
      known = request;
      return request;
    },
  };
}

/** Undefined for a file of another version of lastgood as well: the app is then asked once more. */
async function readRequest(path: string): Promise<RestartRequest | undefined> {
  const request = (await readStateFile(path)) as Partial<RestartRequest> | null | undefined;
  const isRequest =
    Array.isArray(request?.ended) && Array.isArray(request.old) && typeof request.atMs === 'number';
  return isRequest ? (request as RestartRequest) : undefined;
}
