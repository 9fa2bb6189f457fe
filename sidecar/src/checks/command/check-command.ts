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

export { sweepStagingDirectories as sweepStages } from './staging-directory.ts';

export interface ExecOptions {
  /** Where the copies go: a directory of ours alone, in memory if the bundle has secrets. */
  readonly stagingDir: string;
  /** The bundle's name, for the command. */
  readonly bundle?: string;
  /** A newer content has come: the command is killed. */
  readonly signal?: AbortSignal;
  readonly clock?: Clock;
}

/**
 * Asks a command, such as `nginx -t`, what it thinks of a copy of the snapshot. It accepts by ending
 * with 0. Rejects with the signal's reason when it aborts, and for nothing else. What the command
 * needs counts in the memory of this container: one at a time for each bundle, which is the
 * caller's to see to.
 */
export async function runCheckCommand(
  snapshot: Snapshot,
  settings: ExecSettings,
  options: ExecOptions,
): Promise<readonly Finding[]> {
  options.signal?.throwIfAborted();
  const program = basename(settings.command[0]);
  let stage: StagingDirectory;
  try {
    stage = await createStagingDirectory(snapshot, options.stagingDir);
  } catch (thrown) {
    const message = `no copy of the files can be made for ${program}: ${reasonOf(thrown)}`;
    return [findingOf('LG_VALIDATE_EXEC_FAULT', [message])];
  }
  try {
    const ended = await runStaged(snapshot, stage, settings, options);
    return findingsOf(ended, { program, timeoutMs: settings.timeoutMs, snapshot, stage });
  } finally {
    await removeStagingDirectory(stage);
  }
}

function runStaged(
  { version }: Snapshot,
  { root, dir, scratch }: StagingDirectory,
  { command, timeoutMs }: ExecSettings,
  { bundle, signal, clock = systemClock }: ExecOptions,
) {
  const env = { LASTGOOD_VERSION: version, ...(bundle && { LASTGOOD_BUNDLE: bundle }) };
  const workplace = { dir, scratch, mark: root };
  return runCommand(withDir(command, dir), workplace, { timeoutMs, clock, signal, env });
}
