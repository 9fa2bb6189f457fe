import { findingFrom } from '@lastgood/core/model/error.ts';
import type { State } from '../config.ts';
import { ConfigError, invalidConfig } from '../config-error.ts';
import type {
  Answer,
  BundleVersion,
  Candidate,
  Provider,
  Report,
  Subscriber,
} from '../provider.ts';
import type { ResourceHost } from '../resource/host.ts';
import { startTimer } from '../timer.ts';
import { deepFreeze } from '../values/freeze.ts';
import { redactSecrets } from '../values/redact.ts';
import type { ValueResult } from '../values/value-result.ts';
import { Attempt } from './attempt.ts';
import { publish, reportError } from './events.ts';
import { guard, messageOf } from './guard.ts';
import { tellStarted } from './started.ts';
import { rolledBack, States } from './states.ts';
import { type Loaded, Versions } from './versions.ts';
import { createEntry, isSameView, type ViewEntry } from './view-entry.ts';
import { ViewSchemas } from './view-schemas.ts';

/** Makes the value of a view. What it throws rejects the version. */
export type ReadValue = (
  files: BundleVersion['files'],
  view: ViewEntry['options'],
) => Promise<ValueResult>;

export interface ClientOptions {
  readonly bundle: string | undefined;
  readonly prepareTimeoutMs: number;
  readonly readValue: ReadValue;
}

/**
 * The app's side of a bundle: takes candidates from a provider, asks all views, and makes one active for
 * all of them at once. It does not know where versions come from.
 */
export class BundleClient implements Subscriber {
  readonly versions = new Versions();
  readonly states = new States((state) => this.#tellState(state));
  readonly #provider: Provider;
  readonly #options: ClientOptions;
  readonly #views: ViewEntry[] = [];
  readonly #schemas: ViewSchemas;
  readonly #ready = Promise.withResolvers<void>();
  /** The candidate that is prepared, or the last one that was. */
  #attempt: Attempt | undefined;
  #closing: Promise<void> | undefined;

  constructor(provider: Provider, options: ClientOptions) {
    this.#provider = provider;
    this.#options = options;
    this.#schemas = new ViewSchemas(provider, (from, error) => this.tellError(from, error));
  }

  /** Subscribes, and loads the first version for the first view. Rejects with what keeps it from that. */
  async start(view: ViewEntry['options'], signal: AbortSignal): Promise<ViewEntry> {
    this.#schemas.add(view);
    const { version, files } = await this.#provider.start(this, signal);
    this.versions.active = { version, files, values: [] };
    return tellStarted(this.#provider, async () => {
      const entry = await this.addView(view);
      this.#ready.resolve();
      return entry;
    });
  }

  /** Adds a view of the active version. It changes with the others, even if a candidate is on its way. */
  async addView(given: ViewEntry['options']): Promise<ViewEntry> {
    // The app may change its object later.
    const options = { ...given };
    for (;;) {
      if (this.versions.isClosed) throw new ConfigError('LG_SDK_CLOSED');
      const known = this.#findView(options);
      // Inside of a `run` that is older than the view, its value is not read yet.
      if (known !== undefined && known.index in this.versions.current.values) return known;
      const entry = await this.#tryView(options);
      if (entry !== undefined) return entry;
    }
  }

  /** Undefined if there is another version by the time that the value is read. */
  async #tryView(options: ViewEntry['options']): Promise<ViewEntry | undefined> {
    const { active, current } = this.versions;
    const accepted = this.#acceptedAttempt();
    const targets = new Set([active, current, ...(accepted === undefined ? [] : [accepted.next])]);
    const values = new Map<Loaded, unknown>();
    for (const target of targets) {
      const result = await this.#readView(target, options);
      if (result.accepted) values.set(target, result.value);
      else if (target !== accepted?.next) throw invalidConfig(result.findings);
    }
    const isSame = this.versions.active === active && this.#acceptedAttempt() === accepted;
    if (!isSame || this.versions.isClosed) return undefined;
    if (accepted === undefined || values.has(accepted.next))
      return this.#insertView(options, values);
    // The schema of the new view refuses the candidate, which the app has accepted before.
    await accepted.ended;
    return undefined;
  }

  async prepare(candidate: Candidate, signal: AbortSignal): Promise<Answer> {
    if (this.versions.isClosed)
      return { verdict: 'reject', reasons: ['the app has closed the bundle'] };
    const older = this.#attempt;
    const attempt = new Attempt(candidate, {
      versions: this.versions,
      views: this.#views,
      ready: this.#ready.promise,
      readView: (version, options) => this.#readView(version, options),
      report: (from, error) => this.tellError(from, error),
    });
    this.#attempt = attempt;
    // After the newer one is there: the app is called, and may close, which must end that too.
    this.#end(older, 'a newer version has come');
    const giveUp = () => this.#attempt === attempt && this.#giveUp(messageOf(signal.reason));
    if (signal.aborted) giveUp();
    signal.addEventListener('abort', giveUp, { once: true });
    // Also between the answer and the commit: the provider may abort before the answer has reached it.
    void attempt.ended.then(() => signal.removeEventListener('abort', giveUp));
    const { prepareTimeoutMs } = this.#options;
    const timer = startTimer(prepareTimeoutMs, () =>
      attempt.abort(`the app did not prepare it within ${prepareTimeoutMs} ms`),
    );
    const answer = await this.versions.pins.outside(() => attempt.prepare());
    clearTimeout(timer);
    // A version that was given up is not rejected: the newer one decides.
    if (this.#attempt === attempt) this.#refuse(attempt, answer);
    publish('prepare', { ...this.#eventOf(attempt), ...answer });
    return answer;
  }

  commit(rollout: string): void {
    const attempt = this.#acceptedAttempt();
    if (attempt?.candidate.rollout !== rollout) return;
    this.#attempt = undefined;
    this.versions.pins.outside(() => this.#makeActive(attempt));
  }

  abort(rollout: string, reason: string): void {
    if (this.#attempt?.candidate.rollout === rollout) this.#giveUp(reason);
  }

  report(report: Report): void {
    if (!this.versions.isClosed) this.states.set({ ...report });
  }

  async reload(): Promise<State> {
    const reload = () => this.#provider.reload?.();
    await guard(reload, (error) => this.tellError('reload', error));
    return this.states.current;
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  hostOf(entry: ViewEntry): ResourceHost<unknown> {
    const { states } = this;
    const host: ResourceHost<unknown> = {
      get current() {
        return entry.value;
      },
      join: (participant) => entry.resources.add(participant),
      pending: () => this.#attempt?.ended,
      report: (error) => this.tellError('resource', error),
      setFault: (thrown) =>
        states.setFault(host, thrown === undefined ? undefined : this.#showError(thrown)),
    };
    return host;
  }

  /** A function of the app threw. Harmless. */
  tellError(from: string, error: unknown): void {
    const { bundle } = this.#options;
    reportError({ bundle, from, error }, () => this.#showError(error));
  }

  /** Its message, without secrets of the versions that the app has (P8). */
  #showError(error: unknown): string {
    const next = this.#attempt?.next.values ?? [];
    return redactSecrets(messageOf(error), [...this.versions.active.values, ...next]);
  }

  async #close(): Promise<void> {
    this.versions.isClosed = true;
    this.#giveUp('the app has closed the bundle');
    this.states.listeners.clear();
    this.versions.wake();
    this.versions.wakers.clear();
    const closed = new ConfigError('LG_SDK_CLOSED');
    const resources = this.#views.flatMap((view) => [...view.resources]);
    await Promise.all([
      guard(
        () => this.#provider.close(),
        (error) => this.tellError('close', error),
      ),
      ...resources.map((resource) => resource.close(closed)),
    ]);
  }

  /** The step in which everything changes at once; only after it the app is called. */
  #makeActive(attempt: Attempt): void {
    const { candidate, next } = attempt;
    const previous = this.versions.active;
    const isNew = next.version !== previous.version;
    if (isNew) this.#activate(next);
    attempt.commit();
    this.states.set(
      isNew && candidate.reason === 'rollback' ? rolledBack(previous) : { status: 'ok' },
    );
    if (!isNew) return;
    const event = { ...this.#eventOf(attempt), previous: previous.version };
    publish('commit', event);
    if (candidate.reason === 'rollback') publish('rollback', event);
    this.versions.wake();
  }

  /** Every view at once: nothing of the app can run between (P1). */
  #activate(next: Loaded): void {
    this.versions.active = next;
    for (const view of this.#views) view.value = next.values[view.index];
  }

  #giveUp(why: string): void {
    const attempt = this.#attempt;
    this.#attempt = undefined;
    this.#end(attempt, why);
  }

  #end(attempt: Attempt | undefined, why: string): void {
    if (attempt === undefined) return;
    this.versions.pins.outside(() => attempt.abort(why));
    publish('abort', { ...this.#eventOf(attempt), why });
  }

  #refuse(attempt: Attempt, answer: Answer): void {
    this.states.refused = undefined;
    if (answer.verdict === 'accept') return;
    this.#attempt = undefined;
    const { version } = attempt.candidate;
    const { verdict, reasons } = answer;
    const reason = reasons[0] ?? verdict;
    const refused = { status: 'degraded', reason, rejected: { version, reasons } } as const;
    if (verdict === 'reject') this.states.refused = refused;
    this.states.set(verdict === 'reject' ? refused : { status: 'pending-restart', reason });
  }

  #acceptedAttempt(): Attempt | undefined {
    return this.#attempt?.phase === 'accepted' ? this.#attempt : undefined;
  }

  async #readView({ files }: Loaded, options: ViewEntry['options']): Promise<ValueResult> {
    try {
      const result = await this.#options.readValue(files, options);
      if (result.accepted) deepFreeze(result.value);
      return result;
    } catch (error) {
      return { accepted: false, findings: [findingFrom(error)] };
    }
  }

  #tellState(state: State): void {
    publish('state', { bundle: this.#options.bundle, state });
    for (const listener of this.states.listeners) {
      // A listener has caused a newer one, which all have got.
      if (state !== this.states.current) return;
      guard(
        () => listener(state),
        (error) => this.tellError('onState', error),
      );
    }
  }

  #insertView(options: ViewEntry['options'], values: ReadonlyMap<Loaded, unknown>): ViewEntry {
    const known = this.#findView(options);
    const entry =
      known ?? createEntry(this.#views.length, options, values.get(this.versions.active));
    for (const [version, value] of values)
      if (!(entry.index in version.values)) version.values[entry.index] = value;
    if (known !== undefined) return known;
    // Of the first view, the provider knows it before it starts.
    if (this.#views.push(entry) > 1) this.#schemas.add(options);
    return entry;
  }

  /** An app may ask for a view each time that it needs one. */
  #findView(options: ViewEntry['options']): ViewEntry | undefined {
    return this.#views.find((view) => isSameView(view.options, options));
  }

  #eventOf({ candidate: { rollout, version, reason } }: Attempt) {
    return { bundle: this.#options.bundle, rollout, version, reason };
  }
}
