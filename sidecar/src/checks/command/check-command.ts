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
  /** The parent of the copies: a directory of lastgood alone, in memory if the bundle has secrets. */
  readonly stagingDir: string;
  /** The bundle's name, for the command. */
  readonly bundle?: string;
  /** Aborts when a newer content arrives: the command is killed. */
  readonly signal?: AbortSignal;
  readonly clock?: Clock;
}

/**
 * Runs a command, such as `nginx -t`, on a copy of the snapshot. Exit code 0 accepts. Rejects only with
 * the signal's reason when it aborts. The command uses the memory of this container, so the caller must
 * run one at a time for each bundle.
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
    const message = `cannot copy the files for ${program}: ${reasonOf(thrown)}`;
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
