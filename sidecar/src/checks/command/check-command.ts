import { basename } from 'node:path';
import { type Clock, systemClock } from '@lastgood/core/model/clock.ts';
import { findingOf, reasonOf } from '@lastgood/core/model/error.ts';
import type { Finding } from '@lastgood/core/model/finding.ts';
import type { Snapshot } from '@lastgood/core/model/snapshot.ts';
import { runCommand, withDir } from '../../io/process/run-command.ts';
import type { ExecSettings } from '../../settings/settings.ts';
import {
  createStagingDirectory,
  removeStagingDirectory,
  type StagingDirectory,
} from './staging-directory.ts';
import { findingsOf } from './wording.ts';

export interface ExecOptions {
  /** The parent of the copies: a directory of lastgood alone, in memory if the bundle has secrets. */
  readonly stagingDir: string;
  /** The bundle's name, for the command. */
  readonly bundle?: string | undefined;
  /** Aborts when a newer content arrives: the command is killed. */
  readonly signal?: AbortSignal | undefined;
  readonly clock?: Clock;
}

/**
 * Runs a command, such as `nginx -t`, on a copy of the snapshot. Exit code 0 accepts. Rejects only with
 * the signal's reason when it aborts. The command uses the memory of this container, so the caller must
 * run one at a time for each bundle.
 */
export async function runCheckCommand(
  snapshot: Snapshot,
  { command, timeoutMs }: ExecSettings,
  { stagingDir, bundle, signal, clock = systemClock }: ExecOptions,
): Promise<readonly Finding[]> {
  signal?.throwIfAborted();
  const program = basename(command[0]);
  let stage: StagingDirectory;
  try {
    stage = await createStagingDirectory(snapshot, stagingDir);
  } catch (thrown) {
    const message = `cannot copy the files for ${program}: ${reasonOf(thrown)}`;
    return [findingOf('LG_VALIDATE_EXEC_FAULT', [message])];
  }
  try {
    const { root, dir, scratch } = stage;
    const env = { LASTGOOD_VERSION: snapshot.version, ...(bundle && { LASTGOOD_BUNDLE: bundle }) };
    const options = { timeoutMs, clock, signal, env };
    const ended = await runCommand(withDir(command, dir), { dir, scratch, mark: root }, options);
    return findingsOf(ended, { program, timeoutMs, snapshot, stage });
  } finally {
    await removeStagingDirectory(stage.root);
  }
}
