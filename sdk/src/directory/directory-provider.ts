import { randomBytes, randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import { createCapture } from '@lastgood/core/capture/capture.ts';
import { createCaptureLoop } from '@lastgood/core/capture/capture-loop.ts';
import { systemClock } from '@lastgood/core/model/clock.ts';
import { findingOf, LastgoodError } from '@lastgood/core/model/error.ts';
import { type Finding, formatFinding } from '@lastgood/core/model/finding.ts';
import type { Snapshot, Version } from '@lastgood/core/model/snapshot.ts';
import { type Source, watchVolumes } from '@lastgood/core/source/source.ts';
import { askSubscriber } from '../ask-subscriber.ts';
import type { Answer, BundleVersion, Provider, Report, Subscriber } from '../provider.ts';
import { unmatchedGlobs } from '../secret-globs.ts';
import { volumesOf } from './volumes.ts';

const MAX_SIZE_BYTES = 4 * 2 ** 20;

const VERSION_KEY_BYTES = 32;

interface DirectoryOptions {
  /** A volume of the kubelet, or any directory. Relative to the working directory of the process. */
  readonly directory: string;
  /** Globs of the files whose values are secret. */
  readonly secret?: readonly string[] | undefined;
}

/**
 * Versions of a directory, without a sidecar. The directory need not exist yet: `start` waits for the first
 * version that can be read.
 */
export function createDirectoryProvider(options: DirectoryOptions): Provider {
  return new DirectoryProvider(options);
}

/** A candidate that the subscriber is preparing. */
interface Attempt {
  readonly rollout: string;
  readonly version: Version;
  readonly control: AbortController;
}

class DirectoryProvider implements Provider {
  readonly #options: DirectoryOptions;
  readonly #loop = createCaptureLoop(() => this.#reconcile(), {
    clock: systemClock,
    random: Math.random,
  });
  readonly #first = Promise.withResolvers<BundleVersion>();
  #capture: ReturnType<typeof createCapture> | undefined;
  #source: Source | undefined;
  #subscriber: Subscriber | undefined;
  #active: Snapshot | undefined;
  #attempt: Attempt | undefined;
  /** Until the attempt has ended. */
  #preparing: Promise<void> = Promise.resolve();
  /** The last version that was not accepted. It is not tried again, unless another one comes between. */
  #refused: { readonly version: Version; readonly report: Report } | undefined;
  /** Why the directory cannot be read at the moment. */
  #problem: string | undefined;
  #isClosed = false;

  constructor(options: DirectoryOptions) {
    this.#options = options;
  }

  async start(subscriber: Subscriber, signal: AbortSignal): Promise<BundleVersion> {
    if (this.#isClosed) throw new LastgoodError('LG_SDK_CLOSED');
    const { directory, secret = [] } = this.#options;
    const volumes = volumesOf(resolve(directory), secret);
    const clock = systemClock;
    this.#subscriber = subscriber;
    this.#capture = createCapture({
      volumes,
      clock,
      maxSizeBytes: MAX_SIZE_BYTES,
      // Of secret files the version must not tell the content (P8).
      ...(secret.length > 0 ? { versionKey: randomBytes(VERSION_KEY_BYTES) } : {}),
    });
    this.#source = watchVolumes({
      volumes,
      clock,
      settleMs: 0,
      onChange: () => void this.#loop.reconcile(),
      onWarning: warn,
    });
    const abort = () => {
      this.#first.reject(signal.reason);
      void this.close();
    };
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort);
    // Does not wait for the watch: when that is set, the source asks for another capture.
    void this.#loop.start();
    try {
      return await this.#first.promise;
    } finally {
      signal.removeEventListener('abort', abort);
    }
  }

  async reload(): Promise<void> {
    // Not through the loop: while it captures, it would not say when the next capture ends.
    if (!(await this.#reconcile())) void this.#loop.reconcile();
    // Another one may take the place of the one that is given up.
    while (this.#attempt !== undefined) await this.#preparing;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#loop.stop();
    this.#giveUp('the connection is closed');
    this.#first.reject(new LastgoodError('LG_SDK_CLOSED'));
    // After the start, no caller waits for it.
    this.#first.promise.catch(() => {});
    await this.#source?.close();
  }

  /** Whether the directory could be read. */
  async #reconcile(): Promise<boolean> {
    const captured = await this.#capture?.();
    if (captured === undefined || this.#isClosed) return true;
    this.#problem = captured.ok ? undefined : summarize(captured.findings);
    if (captured.ok) this.#onSnapshot(captured.snapshot);
    this.#tell();
    return captured.ok;
  }

  #onSnapshot(snapshot: Snapshot): void {
    const { version } = snapshot;
    if (this.#active === undefined) {
      this.#active = snapshot;
      for (const glob of unmatchedGlobs(this.#options.secret ?? [], snapshot.files))
        warn(findingOf('LG_SDK_NO_SECRET', [glob]));
      this.#first.resolve(snapshot);
    } else if (version === this.#active.version) {
      this.#giveUp('the directory has the active version again');
      this.#refused = undefined;
    } else if (version === this.#refused?.version) {
      this.#giveUp('the directory has the rejected version again');
    } else if (version !== this.#attempt?.version) {
      this.#giveUp('the directory has a newer version');
      this.#preparing = this.#prepare(snapshot);
    }
  }

  async #prepare(snapshot: Snapshot): Promise<void> {
    const { version, files } = snapshot;
    const rollout = randomUUID();
    const control = new AbortController();
    const attempt = { rollout, version, control };
    this.#attempt = attempt;
    const candidate = { rollout, version, files, reason: 'changed' } as const;
    const answer = await askSubscriber(this.#subscriber, candidate, control.signal);
    // Given up: the answer comes too late.
    if (this.#attempt !== attempt) return;
    this.#attempt = undefined;
    if (answer.verdict === 'accept') {
      this.#active = snapshot;
      this.#refused = undefined;
      this.#subscriber?.commit(rollout);
    } else this.#refused = { version, report: reportOf(answer, version) };
    this.#tell();
  }

  #giveUp(why: string): void {
    const attempt = this.#attempt;
    if (attempt === undefined) return;
    this.#attempt = undefined;
    attempt.control.abort(new Error(why));
    if (!this.#isClosed) this.#subscriber?.abort(attempt.rollout, why);
  }

  #tell(): void {
    if (!this.#isClosed) this.#subscriber?.report(this.#report());
  }

  #report(): Report {
    const reason = this.#problem;
    if (reason !== undefined) return { status: 'degraded', reason };
    return this.#refused?.report ?? { status: 'ok' };
  }
}

function reportOf(
  { verdict, reasons }: Exclude<Answer, { verdict: 'accept' }>,
  version: Version,
): Report {
  const reason = reasons[0] ?? verdict;
  if (verdict === 'restart') return { status: 'pending-restart', reason };
  return { status: 'degraded', reason, rejected: { version, reasons } };
}

function summarize(findings: readonly Finding[]): string {
  const [first, ...others] = new Set(findings.map(formatFinding));
  return `${first}${others.length > 0 ? ` (and ${others.length} more)` : ''}`;
}

/** A mount that never changes, or a secret that is not there. There is no log to write it to. */
function warn(finding: Finding): void {
  const { code, hint } = finding;
  process.emitWarning(formatFinding(finding), {
    type: 'LastgoodWarning',
    code,
    ...(hint === undefined ? {} : { detail: hint }),
  });
}
