import type { Clock } from '../model/clock.ts';
import { findingOf } from '../model/error.ts';
import type { ErrorCode } from '../model/error-codes.ts';
import type { Finding } from '../model/finding.ts';
import type { SnapshotFile } from '../model/snapshot.ts';
import type { VolumeSettings } from '../model/volume-settings.ts';
import type { Limiter } from './limiter.ts';

/** More files than that are no configuration; each costs a few calls to the file system. */
export const MAX_FILES = 4096;

/** Directories inside directories; also what ends a loop of links. */
export const MAX_DEPTH = 16;

/** What is read through at a time; the gate lets no more calls than this through. */
export const LANES = 2;

/** Files up to this size are compared in one piece; one such buffer for each lane. */
const SCRATCH_BYTES = 128 * 1024;

/**
 * One try at reading all volumes. What it finds wrong is only told if the volumes turn out to have
 * held still meanwhile.
 */
export interface ReadAttempt {
  readonly volumes: readonly VolumeSettings[];
  readonly maxSizeBytes: number;
  readonly clock: Clock;
  readonly limiter: Limiter;
  /** Wall clock when it began, milliseconds since the epoch. */
  readonly beganAtMs: number;
  /** Files of the last snapshot by path, so that what did not change is kept. */
  readonly previous: ReadonlyMap<string, SnapshotFile>;
  /** One for each lane. */
  readonly scratch: readonly Buffer[];
  readonly findings: Finding[];
  fileCount: number;
  directoryCount: number;
  sizeBytes: number;
}

/** Buffers for one reader; they are used again by each attempt. */
export function createScratch(): Buffer[] {
  return Array.from({ length: LANES }, () => Buffer.allocUnsafeSlow(SCRATCH_BYTES));
}

/**
 * Ends an attempt: something changed while it was read, so it begins anew. `finding` is what is to
 * be told if that never ends; without it, LG_CAPTURE_UNSTABLE.
 */
export class ChangedDuringRead extends Error {
  readonly path: string;
  readonly finding: Finding | undefined;

  constructor(path: string, finding?: Finding) {
    super(`${path} moved`);
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

/** Gone in the middle of reading: the kubelet removed the directory, or a writer the file. */
const GONE: ReadonlySet<string> = new Set(['ENOENT', 'ENOTDIR', 'ESTALE', 'ELOOP']);

/** Whether a system's error tells that something moved rather than that it cannot be read. */
export function isGone(error: unknown): boolean {
  return GONE.has((error as NodeJS.ErrnoException).code ?? '');
}
