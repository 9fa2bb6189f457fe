import { allSettledOrThrow, mapConcurrent } from '../fs/map-concurrent.ts';
import type { Clock } from '../model/clock.ts';
import { findingOf, reasonOf } from '../model/error.ts';
import type { Finding } from '../model/finding.ts';
import type { Snapshot, SnapshotFile } from '../model/snapshot.ts';
import { formatDuration } from '../model/units.ts';
import type { VolumeSettings } from '../model/volume-settings.ts';
import { addCollisions, snapshotOf } from './assemble.ts';
import { createLimiter, type Limiter } from './limiter.ts';
import { type Listed, listVolume } from './list.ts';
import { readListed } from './read.ts';
import { ChangedDuringRead, createScratch, LANES, type ReadAttempt } from './read-attempt.ts';
import { openVolume, type Verified, type Volume, verifyVolume } from './volume.ts';

export interface CaptureOptions {
  readonly volumes: readonly VolumeSettings[];
  readonly maxSizeBytes: number;
  readonly clock: Clock;
  /** When set the version is an HMAC-SHA-256; needed as soon as one volume is secret (P8). */
  readonly versionKey?: Buffer;
  /** For one capture, all its attempts together; default 10 s. */
  readonly timeoutMs?: number;
}

/** What one capture answers. Findings are gathered, not only the first one. */
export type Captured =
  | { readonly ok: true; readonly snapshot: Snapshot }
  | { readonly ok: false; readonly findings: readonly Finding[] };

const DEFAULT_TIMEOUT_MS = 10_000;

/** Threads of libuv's pool that one bundle can lose to a file system that hangs. */
const MAX_IN_FLIGHT = 3;

/** Attempts before a volume counts as one that never holds still; all of them last about 0.4 s. */
const MAX_ATTEMPTS = 25;
const MAX_PAUSE_MS = 20;

/**
 * The kubelet makes the links of new names after its swap, since Kubernetes 1.29. An app in direct
 * mode reads through them, so they are waited for; but not for ever, as other writers make none.
 */
const LINKS_WAIT_MS = 1_000;
const LINKS_PAUSE_MS = 2;

/** Given to every abort: the error that it would make by itself, with its stack, takes 0.1 ms. */
const OVER = new Error('this capture is over');

/** What one capturer knows and keeps. */
interface Capturer extends CaptureOptions {
  readonly linksWaitMs: number;
  readonly scratch: readonly Buffer[];
  /** The last snapshot, so that what did not change is shared with the next one. */
  previous: Snapshot | undefined;
  /** The data directories whose links never came, so that they are waited for only once. */
  unlinked: ReadonlySet<string>;
}

/**
 * Makes the function that captures a bundle's volumes: one consistent, immutable snapshot, of one
 * moment of all of them (P1). Two calls never overlap; the second one begins when the first has
 * ended. It never rejects: whatever is wrong is a finding. If a read hangs, it answers
 * LG_CAPTURE_TIMEOUT, at once from then on, until that read returns.
 */
export function createCapture(options: CaptureOptions): () => Promise<Captured> {
  return capturerOf(options, LINKS_WAIT_MS);
}

/**
 * Reads back a directory that lastgood wrote, whatever its links are like after a crash: `..data`
 * alone decides. It may be larger than settings of now allow. With a `versionKey` all of it counts as
 * secret. Never rejects.
 */
export async function captureDirectory(
  dir: string,
  options: Omit<CaptureOptions, 'volumes' | 'maxSizeBytes'>,
): Promise<Captured> {
  const secret = options.versionKey !== undefined;
  const volume = { path: dir, at: '.', include: ['**'], exclude: [], secret };
  return capturerOf({ ...options, maxSizeBytes: Infinity, volumes: [volume] }, 0)();
}

function capturerOf(options: CaptureOptions, linksWaitMs: number): () => Promise<Captured> {
  const capturer: Capturer = {
    ...options,
    linksWaitMs,
    scratch: createScratch(),
    previous: undefined,
    unlinked: new Set(),
  };
  let stuckAt: string | undefined;
  let last: Promise<unknown> = Promise.resolve();
  const timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  const begin = async (): Promise<Captured> => {
    if (stuckAt !== undefined) return timedOut(timeoutMs, stuckAt);
    const gate = createLimiter(MAX_IN_FLIGHT);
    const abort = new AbortController();
    const work = captureSettled(capturer, gate, abort.signal);
    const isLate = options.clock.sleep(timeoutMs, abort.signal).then(
      () => undefined,
      () => work,
    );
    const captured = await Promise.race([work, isLate]);
    gate.close();
    abort.abort(OVER);
    if (captured !== undefined) return captured;
    const hangsAt = gate.waitingFor() ?? options.volumes[0]?.path ?? '';
    stuckAt = hangsAt;
    work.then(() => {
      stuckAt = undefined;
    });
    return timedOut(timeoutMs, hangsAt);
  };
  return () => {
    const turn = last.then(begin);
    last = turn;
    return turn;
  };
}

function timedOut(timeoutMs: number, path: string): Captured {
  const args = [formatDuration(timeoutMs)];
  return { ok: false, findings: [findingOf('LG_CAPTURE_TIMEOUT', args, { file: path })] };
}

/** Attempts until the volumes hold still. Never rejects. */
async function captureSettled(
  capturer: Capturer,
  gate: Limiter,
  signal: AbortSignal,
): Promise<Captured> {
  let moved: ChangedDuringRead | undefined;
  try {
    for (let count = 0; count < MAX_ATTEMPTS; count++) {
      if (count > 0) await capturer.clock.sleep(Math.min(2 ** (count - 1), MAX_PAUSE_MS), signal);
      try {
        return await attemptOnce(capturer, gate, signal);
      } catch (error) {
        if (!(error instanceof ChangedDuringRead)) throw error;
        moved = error;
      }
    }
  } catch (error) {
    // Nothing that a file system should answer; what the gate or the clock throw is not told.
    return { ok: false, findings: [findingOf('LG_CAPTURE_UNREADABLE', [reasonOf(error)])] };
  }
  const unstable = findingOf('LG_CAPTURE_UNSTABLE', [MAX_ATTEMPTS], { file: moved?.path ?? '' });
  return { ok: false, findings: [moved?.finding ?? unstable] };
}

/** Opens, lists and reads all volumes, and then makes sure that none of them changed meanwhile. */
async function attemptOnce(
  capturer: Capturer,
  gate: Limiter,
  signal: AbortSignal,
): Promise<Captured> {
  const attempt = newAttempt(capturer, gate);
  const opened = await allSettledOrThrow(attempt.volumes.map((each) => openVolume(each, attempt)));
  const volumes = opened.filter((volume) => volume !== undefined);
  const listed = await allSettledOrThrow(volumes.map((volume) => listVolume(volume, attempt)));
  const files = await readAll(listed.flat(), attempt);
  const verified = await verifyAll(volumes, capturer, signal);
  addCollisions(files, attempt);
  if (files.length + attempt.findings.length === 0) {
    attempt.findings.push(findingOf('LG_CAPTURE_EMPTY'));
  }
  if (attempt.findings.length > 0) return { ok: false, findings: attempt.findings };
  const writtenAtMs = Math.max(...verified.map((each) => each.writtenAtMs));
  const { versionKey, previous } = capturer;
  capturer.previous = snapshotOf(files, writtenAtMs, versionKey, previous);
  return { ok: true, snapshot: capturer.previous };
}

function newAttempt(capturer: Capturer, limiter: Limiter): ReadAttempt {
  const { volumes, maxSizeBytes, clock, scratch, previous } = capturer;
  const files = previous?.files ?? [];
  return {
    volumes,
    maxSizeBytes,
    clock,
    limiter,
    beganAtMs: clock.wallMs(),
    previous: new Map(files.map((file) => [file.path, file])),
    scratch,
    findings: [],
    fileCount: 0,
    directoryCount: 0,
    sizeBytes: 0,
  };
}

async function readAll(listed: readonly Listed[], attempt: ReadAttempt): Promise<SnapshotFile[]> {
  const files: SnapshotFile[] = [];
  await mapConcurrent(listed, LANES, async (each, lane) => {
    const file = await readListed(each, attempt, lane);
    if (file !== undefined) files.push(file);
  });
  return files;
}

/** Verifies all volumes after all were read, and waits a little for links that are still missing. */
async function verifyAll(
  volumes: readonly Volume[],
  capturer: Capturer,
  signal: AbortSignal,
): Promise<Verified[]> {
  const { clock, linksWaitMs, unlinked } = capturer;
  const deadlineMs = clock.nowMs() + linksWaitMs;
  for (;;) {
    const verified = await allSettledOrThrow(volumes.map(verifyVolume));
    const missing = volumes.filter((_, index) => verified[index]?.isLinked === false);
    const awaited = missing.filter(({ dataDir }) => !unlinked.has(dataDir));
    if (awaited.length === 0) return verified;
    if (clock.nowMs() >= deadlineMs) {
      capturer.unlinked = new Set(missing.map(({ dataDir }) => dataDir));
      return verified;
    }
    await clock.sleep(LINKS_PAUSE_MS, signal);
  }
}
