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
  /** Makes the version an HMAC-SHA-256; required if a volume is secret (P8). */
  readonly versionKey?: Buffer;
  /** For all attempts of a capture; default 10 s. */
  readonly timeoutMs?: number;
}

/** The result of a capture, with all findings and not only the first one. */
export type Captured =
  | { readonly ok: true; readonly snapshot: Snapshot }
  | { readonly ok: false; readonly findings: readonly Finding[] };

const DEFAULT_TIMEOUT_MS = 10_000;

/** Threads of libuv's pool that a bundle can lose to a file system that hangs. */
const MAX_IN_FLIGHT = 3;

/** Attempts before a volume counts as unstable; all of them last about 0.4 s. */
const MAX_ATTEMPTS = 25;
const MAX_PAUSE_MS = 20;

/**
 * Since Kubernetes 1.29 the kubelet makes the links of new names after its swap. An app in direct mode
 * needs them, so a capture waits for them, but only for a while: other writers make none.
 */
const LINKS_WAIT_MS = 1_000;
const LINKS_PAUSE_MS = 2;

/** The reason of every abort: a default one, with its stack, would take 0.1 ms. */
const OVER = new Error('this capture is over');

/** What a bundle's capture keeps between its calls. */
interface CaptureState extends CaptureOptions {
  readonly linksWaitMs: number;
  readonly scratch: readonly Buffer[];
  /** The next snapshot shares what did not change. */
  previous: Snapshot | undefined;
  /** The data directories whose links were all there, or never appeared: captures look only once. */
  linksSettled: ReadonlySet<string>;
}

/**
 * Creates the function that captures a bundle's volumes: a consistent, immutable snapshot of all of
 * them at one moment (P1). Calls do not overlap: the second one starts when the first has ended. The
 * function never rejects: any problem is a finding. If a read hangs, the finding is LG_CAPTURE_TIMEOUT,
 * and further calls return it at once until that read returns.
 *
 * @param linksWaitMs - how long the first capture waits for the links of a new volume
 */
export function createCapture(
  options: CaptureOptions,
  linksWaitMs = LINKS_WAIT_MS,
): () => Promise<Captured> {
  const state: CaptureState = {
    ...options,
    linksWaitMs,
    scratch: createScratch(),
    previous: undefined,
    linksSettled: new Set(),
  };
  let stuckAt: string | undefined;
  let last: Promise<unknown> = Promise.resolve();
  const timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  const begin = async (): Promise<Captured> => {
    if (stuckAt !== undefined) return timedOut(timeoutMs, stuckAt);
    const limiter = createLimiter(MAX_IN_FLIGHT);
    const abort = new AbortController();
    const work = captureStable(state, limiter, abort.signal);
    const timeout = options.clock.sleep(timeoutMs, abort.signal).then(
      () => undefined,
      () => work,
    );
    const captured = await Promise.race([work, timeout]);
    limiter.close();
    abort.abort(OVER);
    if (captured !== undefined) return captured;
    stuckAt = limiter.waitingFor() ?? options.volumes[0]?.path ?? '';
    work.then(() => {
      stuckAt = undefined;
    });
    return timedOut(timeoutMs, stuckAt);
  };
  return () => {
    const turn = last.then(begin);
    last = turn;
    return turn;
  };
}

interface DirectoryOptions extends Omit<CaptureOptions, 'volumes' | 'maxSizeBytes'> {
  /** Globs of what to leave out. */
  readonly exclude?: readonly string[];
}

/**
 * Reads back a directory that lastgood published. Only `..data` counts, because a crash may have left
 * other links unfinished. It may be larger than the current settings allow. With a `versionKey`
 * everything counts as secret. Never rejects.
 */
export async function captureDirectory(
  dir: string,
  { exclude = [], ...options }: DirectoryOptions,
): Promise<Captured> {
  const secret = options.versionKey !== undefined;
  const volume = { path: dir, at: '.', include: ['**'], exclude, secret };
  return createCapture({ ...options, maxSizeBytes: Infinity, volumes: [volume] }, 0)();
}

function timedOut(timeoutMs: number, path: string): Captured {
  const args = [formatDuration(timeoutMs)];
  return { ok: false, findings: [findingOf('LG_CAPTURE_TIMEOUT', args, { file: path })] };
}

/** Repeats attempts until the volumes do not change during one. Never rejects. */
async function captureStable(
  state: CaptureState,
  limiter: Limiter,
  signal: AbortSignal,
): Promise<Captured> {
  let changed: ChangedDuringRead | undefined;
  try {
    for (let count = 0; count < MAX_ATTEMPTS; count++) {
      if (count > 0) await state.clock.sleep(Math.min(2 ** (count - 1), MAX_PAUSE_MS), signal);
      try {
        return await attemptOnce(state, limiter, signal);
      } catch (error) {
        if (!(error instanceof ChangedDuringRead)) throw error;
        changed = error;
      }
    }
  } catch (error) {
    // Unexpected of a file system. Or the limiter is closed, and nothing reads this result any more.
    return { ok: false, findings: [findingOf('LG_CAPTURE_UNREADABLE', [reasonOf(error)])] };
  }
  const unstable = findingOf('LG_CAPTURE_UNSTABLE', [MAX_ATTEMPTS], { file: changed?.path ?? '' });
  return { ok: false, findings: [changed?.finding ?? unstable] };
}

/** Opens, lists and reads all volumes, and then checks that none of them has changed. */
async function attemptOnce(
  state: CaptureState,
  limiter: Limiter,
  signal: AbortSignal,
): Promise<Captured> {
  const attempt = newAttempt(state, limiter);
  const opened = await allSettledOrThrow(attempt.volumes.map((each) => openVolume(each, attempt)));
  const volumes = opened.filter((volume) => volume !== undefined);
  const listed = await allSettledOrThrow(volumes.map((volume) => listVolume(volume, attempt)));
  const files = await readAll(listed.flat(), attempt);
  const verified = await verifyAll(volumes, state, signal);
  addCollisions(files, attempt);
  if (files.length + attempt.findings.length === 0) {
    attempt.findings.push(findingOf('LG_CAPTURE_EMPTY'));
  }
  if (attempt.findings.length > 0) return { ok: false, findings: attempt.findings };
  const writtenAtMs = Math.max(...verified.map((each) => each.writtenAtMs));
  const { versionKey, previous } = state;
  state.previous = snapshotOf(files, writtenAtMs, versionKey, previous);
  return { ok: true, snapshot: state.previous };
}

function newAttempt(state: CaptureState, limiter: Limiter): ReadAttempt {
  const files = state.previous?.files ?? [];
  return {
    ...state,
    limiter,
    beganAtMs: state.clock.wallMs(),
    previous: new Map(files.map((file) => [file.path, file])),
    findings: [],
    fileCount: 0,
    directoryCount: 0,
    entryCount: 0,
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

/** Verifies all volumes after all were read, and waits a little for missing links. */
async function verifyAll(
  volumes: readonly Volume[],
  state: CaptureState,
  signal: AbortSignal,
): Promise<Verified[]> {
  const { clock, linksWaitMs, linksSettled } = state;
  const deadlineMs = clock.nowMs() + linksWaitMs;
  for (;;) {
    const verified = await allSettledOrThrow(
      volumes.map((volume) => verifyVolume(volume, linksSettled.has(volume.dataDir))),
    );
    const isLinked = verified.every((each) => each.isLinked);
    if (isLinked || clock.nowMs() >= deadlineMs) {
      state.linksSettled = new Set(volumes.map(({ dataDir }) => dataDir));
      return verified;
    }
    await clock.sleep(LINKS_PAUSE_MS, signal);
  }
}
