import assert from 'node:assert/strict';
import { DEADLINE_MS } from '../../test/deadline.ts';
import type { Answer, BundleVersion, Candidate, Report, Subscriber } from './provider.ts';

export type Texts = Readonly<Record<string, string>>;

export function textsOf({ files }: Pick<BundleVersion, 'files'>): Texts {
  return Object.fromEntries(files.map(({ path, bytes }) => [path, bytes.toString()]));
}

export const ACCEPT: Answer = { verdict: 'accept' };

/**
 * The error of a connection that gives up because of something that it has found out by then: a busy
 * machine needs more time for that.
 */
export async function findTimeoutError(
  connect: (timeoutMs: number) => Promise<unknown>,
): Promise<Error> {
  for (let timeoutMs = 50; timeoutMs <= DEADLINE_MS; timeoutMs *= 2) {
    const error = await connect(timeoutMs).then(
      () => assert.fail('it has connected'),
      (reason: Error) => reason,
    );
    if (!error.message.endsWith(`within ${timeoutMs} ms`)) return error;
  }
  return assert.fail(`no reason within ${DEADLINE_MS} ms`);
}

/** An app that keeps each call, and that a test can wait for. */
export class App implements Subscriber {
  readonly prepared: Texts[] = [];
  readonly reasons: Candidate['reason'][] = [];
  readonly signals: AbortSignal[] = [];
  readonly committed: Texts[] = [];
  /** Rollouts, each with the reason. */
  readonly aborted: (readonly [string, string])[] = [];
  readonly reports: Report[] = [];
  answer: (candidate: Candidate) => Promise<Answer> | Answer = () => ACCEPT;
  readonly #candidates = new Map<string, Candidate>();
  #wake = () => {};

  async prepare(candidate: Candidate, signal: AbortSignal): Promise<Answer> {
    this.prepared.push(textsOf(candidate));
    this.reasons.push(candidate.reason);
    this.signals.push(signal);
    this.#candidates.set(candidate.rollout, candidate);
    this.#wake();
    return this.answer(candidate);
  }

  commit(rollout: string): void {
    const candidate = this.#candidates.get(rollout);
    if (candidate !== undefined) this.committed.push(textsOf(candidate));
    this.#wake();
  }

  abort(rollout: string, reason: string): void {
    this.aborted.push([rollout, reason]);
    this.#wake();
  }

  report(report: Report): void {
    this.reports.push(report);
    this.#wake();
  }

  async until(isSo: () => boolean, what: string): Promise<void> {
    const deadline = AbortSignal.timeout(DEADLINE_MS);
    while (!isSo()) {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      this.#wake = resolve;
      deadline.onabort = () => reject(new Error(`not ${what}: ${JSON.stringify(this)}`));
      await promise;
    }
  }

  untilCommitted(texts: Texts): Promise<void> {
    const isLast = () => JSON.stringify(this.committed.at(-1)) === JSON.stringify(texts);
    return this.until(isLast, `committed ${JSON.stringify(texts)}`);
  }

  untilReported(status: Report['status']): Promise<void> {
    return this.until(() => this.reports.at(-1)?.status === status, status);
  }
}
