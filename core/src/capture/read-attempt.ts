import type { Clock } from '../model/clock.ts';
import { findingOf } from '../model/error.ts';
import type { ErrorCode } from '../model/error-codes.ts';
import type { Finding } from '../model/finding.ts';
import type { SnapshotFile } from '../model/snapshot.ts';
import type { VolumeSettings } from '../model/volume-settings.ts';
import type { Limiter } from './limiter.ts';

/** Of nested directories; also ends a loop of links. */
export const MAX_DEPTH = 16;

/** Files to read at a time; the limiter must allow at least as many calls. */
export const LANES = 2;

/** Files up to this size are compared in one piece; one such buffer for each lane. */
const SCRATCH_BYTES = 128 * 1024;

/** One attempt to read all volumes. Its findings count only if the volumes did not change meanwhile. */
export interface ReadAttempt {
  readonly volumes: readonly VolumeSettings[];
  readonly maxSizeBytes: number;
  readonly clock: Clock;
  readonly limiter: Limiter;
  /** Wall clock at its start, milliseconds since the epoch. */
  readonly beganAtMs: number;
  /** Files of the last snapshot by path, so that unchanged ones are shared. */
  readonly previous: ReadonlyMap<string, SnapshotFile>;
  /** One for each lane. */
  readonly scratch: readonly Buffer[];
  readonly findings: Finding[];
  fileCount: number;
  directoryCount: number;
  entryCount: number;
  sizeBytes: number;
}

/** The buffers of a capture, which all its attempts use. */
export function createScratch(): Buffer[] {
  return Array.from({ length: LANES }, () => Buffer.allocUnsafeSlow(SCRATCH_BYTES));
}

/**
 * Ends an attempt, because something changed while it was read. `finding` is the result if all attempts
 * end like this; by default LG_CAPTURE_UNSTABLE.
 */
export class ChangedDuringRead extends Error {
  readonly path: string;
  readonly finding: Finding | undefined;

  constructor(path: string, finding?: Finding) {
    super(`${path} changed`);
    this.path = path;
    this.finding = finding;
  }
}

/** Adds a finding about a file, a directory or a volume. */
export function addFinding(
  attempt: ReadAttempt,
  code: ErrorCode,
  args: readonly unknown[],
  path: string,
): void {
  attempt.findings.push(findingOf(code, args, { file: path }));
}

/** Adds a finding about the whole snapshot, once. */
export function addFindingOnce(
  attempt: ReadAttempt,
  code: ErrorCode,
  args: readonly unknown[],
): void {
  if (attempt.findings.some((finding) => finding.code === code)) return;
  attempt.findings.push(findingOf(code, args));
}

const GONE: ReadonlySet<string> = new Set(['ENOENT', 'ENOTDIR', 'ESTALE', 'ELOOP']);

/** Whether a system error means that the kubelet or a writer has just removed or replaced something. */
export function isGone(error: unknown): boolean {
  return GONE.has((error as NodeJS.ErrnoException).code ?? '');
}

/** Returns the reason of a system error. Rethrows any other, and one that means a change of `path`. */
export function unreadableReason(error: unknown, path: string): string {
  const { code } = error as NodeJS.ErrnoException;
  // Without a code it is our own `ChangedDuringRead` or `LimiterClosed`.
  if (code === undefined) throw error;
  if (isGone(error)) throw new ChangedDuringRead(path);
  return code;
}
