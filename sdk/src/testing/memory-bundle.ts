import type { ReloadReason } from '@lastgood/core/model/reload-event.ts';
import type { StandardSchemaV1 } from '@standard-schema/spec';
import { connectTo } from '../client/connect-to.ts';
import { messageOf } from '../client/guard.ts';
import type { Config, ValueOf } from '../config.ts';
import { ConfigError } from '../config-error.ts';
import type {
  Answer,
  BundleVersion,
  Candidate,
  Provider,
  Report,
  Subscriber,
} from '../provider.ts';
import { readValue } from '../values/read-value.ts';
import { type TestFiles, versionOfFiles } from './content.ts';
import { OpenResources } from './open-resources.ts';
import type { PushResult, TestBundle, TestConnectOptions } from './test-bundle.ts';

/** The options of {@link createTestBundle}. */
export interface TestBundleOptions {
  /** Globs of the files and directories whose values are secret: `db/**`. Default: none. */
  readonly secret?: readonly string[];
}

/**
 * Makes a bundle with these files as its first version.
 *
 * @example
 * ```ts
 * import { createTestBundle } from '@lastgood/sdk/testing';
 *
 * const bundle = createTestBundle({ 'config.yaml': 'model: small\n' });
 * const config = await bundle.connect({ file: 'config.yaml' });
 * config.prepare(() => {
 *   throw new Error('does not fit into memory');
 * });
 * const { verdict, reasons } = await bundle.push({ 'config.yaml': 'model: huge\n' });
 * console.log(verdict, reasons); // reject [ 'does not fit into memory' ]
 * await bundle.close();
 * ```
 */
export function createTestBundle(files: TestFiles, options: TestBundleOptions = {}): TestBundle {
  return new MemoryBundle(files, options.secret ?? []);
}

const ROLLED_BACK = 'lastgood has rolled back to the last good version';

class MemoryBundle implements TestBundle {
  readonly #secret: readonly string[];
  readonly #subscribers = new Set<Subscriber>();
  readonly #configs = new Set<Config<unknown>>();
  readonly #resources = new OpenResources();
  /** What was active, in order. The last one is. */
  readonly #history: TestFiles[];
  #rollouts = 0;
  /** Of the newest version. */
  #control = new AbortController();
  #report: Report = { status: 'ok' };
  #veto: string | undefined;
  #hold: Promise<void> | undefined;
  /** While it is disconnected. */
  #away: (PromiseWithResolvers<void> & { readonly report: Report }) | undefined;

  constructor(files: TestFiles, secret: readonly string[]) {
    this.#secret = secret;
    // A test may change its object, and push it.
    this.#history = [{ ...files }];
  }

  async connect<Schema extends StandardSchemaV1 | undefined = undefined>(
    options: TestConnectOptions<Schema> = {},
  ): Promise<Config<ValueOf<Schema>>> {
    const config = await connectTo(this.#createProvider(), options, readValue);
    this.#configs.add(config as Config<unknown>);
    this.#resources.watchConfig(config as Config<unknown>);
    return config;
  }

  push(files: TestFiles): Promise<PushResult> {
    return this.#roll([...this.#history, { ...this.#history.at(-1), ...files }], 'changed');
  }

  async rollback(reason = ROLLED_BACK): Promise<PushResult> {
    const history = this.#history.slice(0, -1);
    if (history.length === 0) throw new Error('there is no version before this one');
    const { version } = this.#active;
    const result = await this.#roll(history, 'rollback');
    const rejected = { version, reasons: [reason] };
    if (result.verdict === 'accept') this.#tell({ status: 'degraded', reason, rejected });
    return result;
  }

  rejectNext(reason = 'the test rejects it'): void {
    this.#veto = reason;
  }

  holdNext(): () => void {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#hold = promise;
    return resolve;
  }

  disconnect(reason = 'the test has disconnected it'): void {
    if (this.#away !== undefined) return;
    const report = { status: 'disconnected', reason } as const;
    this.#away = { ...Promise.withResolvers<void>(), report };
    // If no app connects meanwhile, no code waits for it.
    this.#away.promise.catch(() => {});
    this.#control.abort(new Error(reason));
    for (const subscriber of this.#subscribers) subscriber.report(report);
  }

  reconnect(): void {
    this.#away?.resolve();
    this.#away = undefined;
    this.#tell(this.#report);
  }

  expectNoLeases(): void {
    const { inUse, draining } = this.#resources.stats();
    if (inUse > 0)
      throw new Error(`open leases: ${inUse}; old resources that wait for them: ${draining}`);
  }

  async close(): Promise<void> {
    this.#control.abort(new Error('the bundle is closed'));
    this.#away?.reject(new ConfigError('LG_SDK_CLOSED'));
    await Promise.all([...this.#configs].map((config) => config.close()));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #createProvider(): Provider {
    const closed = new AbortController();
    return {
      start: async (subscriber) => {
        if (this.#away !== undefined) subscriber.report(this.#away.report);
        await this.#away?.promise;
        closed.signal.throwIfAborted();
        this.#subscribers.add(subscriber);
        closed.signal.addEventListener('abort', () => this.#subscribers.delete(subscriber));
        subscriber.report(this.#report);
        return this.#active;
      },
      close: async () => closed.abort(),
    };
  }

  get #active(): BundleVersion {
    return this.#versionOf(this.#history);
  }

  #versionOf(history: readonly TestFiles[]): BundleVersion {
    return versionOfFiles(history.at(-1) ?? {}, this.#secret);
  }

  /** The last of the history becomes active, if all accept it. */
  async #roll(history: readonly TestFiles[], reason: ReloadReason): Promise<PushResult> {
    if (this.#away !== undefined) throw new Error('it is disconnected: call reconnect() first');
    this.#rollouts += 1;
    const candidate = { ...this.#versionOf(history), rollout: `rollout-${this.#rollouts}`, reason };
    const [veto, hold] = [this.#veto, this.#hold];
    [this.#veto, this.#hold] = [undefined, undefined];
    this.#control.abort(new Error('a newer version has come'));
    this.#control = new AbortController();
    const { signal } = this.#control;
    const answers = new Map<Subscriber, Answer>();
    // An app that connects meanwhile takes part: from its answer to the commit there is no `await`.
    do
      await raceAbort(
        signal,
        this.#ask(candidate, signal, answers).then(() => hold),
      );
    while (!signal.aborted && this.#unasked(answers).length > 0);
    const answer = signal.aborted ? reject([messageOf(signal.reason)]) : this.#judge(answers, veto);
    if (answer.verdict === 'accept') this.#commit(candidate, history);
    else this.#abort(candidate, answer, signal.aborted);
    const { verdict } = answer;
    const reasons = verdict === 'accept' ? [] : answer.reasons;
    return { verdict, reasons, version: candidate.version, resources: this.#resources.stats() };
  }

  #unasked(answers: ReadonlyMap<Subscriber, Answer>): readonly Subscriber[] {
    return [...this.#subscribers].filter((subscriber) => !answers.has(subscriber));
  }

  async #ask(candidate: Candidate, signal: AbortSignal, answers: Map<Subscriber, Answer>) {
    const asked = this.#unasked(answers).map(async (subscriber) => {
      answers.set(subscriber, await subscriber.prepare(candidate, signal));
    });
    await Promise.all(asked);
  }

  /** An app that has gone has no say. */
  #judge(answers: ReadonlyMap<Subscriber, Answer>, veto: string | undefined): Answer {
    const given = [...this.#subscribers].flatMap((subscriber) => answers.get(subscriber) ?? []);
    const reasonsOf = (verdict: Answer['verdict']) =>
      given.flatMap((answer) =>
        answer.verdict === verdict && 'reasons' in answer ? answer.reasons : [],
      );
    const rejects = [...reasonsOf('reject'), ...(veto === undefined ? [] : [veto])];
    if (rejects.length > 0) return reject(rejects);
    const restarts = reasonsOf('restart');
    return restarts.length > 0 ? { verdict: 'restart', reasons: restarts } : { verdict: 'accept' };
  }

  #commit({ rollout, version }: Candidate, history: readonly TestFiles[]): void {
    if (version !== this.#active.version) this.#history.splice(0, this.#history.length, ...history);
    this.#report = { status: 'ok' };
    for (const subscriber of this.#subscribers) subscriber.commit(rollout);
  }

  #abort({ rollout, version }: Candidate, answer: Refusal, isGivenUp: boolean): void {
    const { verdict, reasons } = answer;
    const [reason = verdict] = reasons;
    for (const subscriber of this.#subscribers) subscriber.abort(rollout, reason);
    if (isGivenUp) return;
    if (verdict === 'restart') this.#tell({ status: 'pending-restart', reason });
    else this.#tell({ status: 'degraded', reason, rejected: { version, reasons } });
  }

  #tell(report: Report): void {
    this.#report = report;
    for (const subscriber of this.#subscribers) subscriber.report(report);
  }
}

type Refusal = Exclude<Answer, { readonly verdict: 'accept' }>;

function reject(reasons: readonly string[]): Refusal {
  return { verdict: 'reject', reasons };
}

async function raceAbort(signal: AbortSignal, work: Promise<unknown>): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  signal.addEventListener('abort', () => resolve(), { once: true });
  await Promise.race([promise, work]);
}
