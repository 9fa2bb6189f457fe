import { formatFinding } from '@lastgood/core/model/finding.ts';
import type { Prepared, PrepareHook } from '../config.ts';
import type { Answer, Candidate } from '../provider.ts';
import { isEmpty, isSameValue } from '../values/diff.ts';
import type { ValueResult } from '../values/value-result.ts';
import { differenceOf } from './difference.ts';
import { guard, messageOf } from './guard.ts';
import { shorten } from './reasons.ts';
import type { Loaded, Versions } from './versions.ts';
import type { ViewEntry } from './view-entry.ts';

const ACCEPT: Answer = { verdict: 'accept' };

export interface AttemptOptions {
  readonly versions: Versions;
  /** Grows while the attempt is prepared, if the app asks for a view. */
  readonly views: readonly ViewEntry[];
  /** Until the first version is loaded. */
  readonly ready: Promise<void>;
  readonly readView: (version: Loaded, view: ViewEntry['options']) => Promise<ValueResult>;
  readonly report: (from: string, error: unknown) => void;
}

/**
 * One candidate from prepare to commit or abort. What the app prepared is let go whenever the attempt ends
 * otherwise, however late the app returns it.
 */
export class Attempt {
  readonly candidate: Candidate;
  /** The candidate with the values of all views, complete once it is accepted. */
  readonly next: Loaded;
  /** Resolves when it is neither prepared nor accepted any more. */
  readonly ended: Promise<void>;
  readonly #options: AttemptOptions;
  readonly #control = new AbortController();
  readonly #prepared: Prepared[] = [];
  /** What resources prepared. */
  readonly #opened: Prepared[] = [];
  #phase: 'preparing' | 'accepted' | 'committed' | 'aborted' = 'preparing';
  #end: () => void = () => {};

  constructor(candidate: Candidate, options: AttemptOptions) {
    this.candidate = candidate;
    this.next = { version: candidate.version, files: candidate.files, values: [] };
    this.#options = options;
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  get phase() {
    return this.#phase;
  }

  /** The answer of the app: at once if it is aborted, even if a hook hangs. */
  async prepare(): Promise<Answer> {
    const { signal } = this.#control;
    // To redact it for nothing, at each commit, would take as long as to walk all values.
    const aborted = this.ended.then(() =>
      this.#phase === 'aborted' ? this.#reject([messageOf(signal.reason)]) : ACCEPT,
    );
    const decided = this.#decide().catch((error) => this.#reject([messageOf(error)]));
    const answer = await Promise.race([aborted, decided]);
    if (answer.verdict !== 'accept') this.abort('it was not accepted');
    return answer;
  }

  /** Takes what was prepared. The caller has made the version active, and the attempt is accepted. */
  commit(): void {
    this.#phase = 'committed';
    // Resources first: a `commit` of the app may use one, and expects the one of this version (P1).
    for (const made of [...this.#opened, ...this.#prepared]) this.#call('commit', made);
    this.#end();
  }

  abort(why: string): void {
    if (this.#phase === 'aborted' || this.#phase === 'committed') return;
    this.#phase = 'aborted';
    this.#control.abort(new Error(why));
    // The last one first, as it may use an earlier one.
    for (const made of [...this.#prepared, ...this.#opened].reverse()) this.#call('abort', made);
    this.#end();
  }

  async #decide(): Promise<Answer> {
    const { ready, versions } = this.#options;
    await ready;
    const { active } = versions;
    const isNew = this.candidate.version !== active.version;
    const reasons = isNew ? await this.#findReasons(active) : [];
    // From here on without an `await`: a view that the app adds now finds the attempt accepted.
    while (isNew && reasons.length === 0 && !this.#isComplete())
      reasons.push(...(await this.#readViews()));
    if (reasons.length > 0) return this.#reject(reasons);
    const answer = isNew ? this.#findRestarts(active) : ACCEPT;
    if (answer.verdict === 'accept' && this.#phase === 'preparing') this.#phase = 'accepted';
    return answer;
  }

  async #findReasons(active: Loaded): Promise<string[]> {
    const findings = await this.#readViews();
    return findings.length > 0 ? findings : this.#callHooks(active);
  }

  #isComplete(): boolean {
    const { views } = this.#options;
    return this.#phase !== 'preparing' || views.every(({ index }) => index in this.next.values);
  }

  async #readViews(): Promise<string[]> {
    const reasons: string[] = [];
    for (const { index, options, value } of this.#options.views) {
      if (this.#phase !== 'preparing' || index in this.next.values) continue;
      const result = await this.#options.readView(this.next, options);
      // A value that has not changed stays the same object.
      if (result.accepted)
        this.next.values[index] = isEmpty(differenceOf(value, result.value)) ? value : result.value;
      else reasons.push(...result.findings.map(formatFinding));
    }
    return reasons;
  }

  async #callHooks(active: Loaded): Promise<string[]> {
    const { signal } = this.#control;
    const { values } = this.next;
    // A view that the app has just added has no value yet. Its hooks act from the next candidate on.
    for (const { index, hooks, resources } of this.#options.views.filter(
      ({ index }) => index in values,
    )) {
      const next = values[index];
      const { version, rollout } = this.candidate;
      const previous = active.values[index];
      const context = Object.freeze({ previous, version, rollout, signal });
      for (const hook of hooks) {
        const veto = await this.#take(() => hook(next, context), this.#prepared);
        if (veto !== undefined) return [veto];
      }
      for (const resource of resources) {
        const veto = await this.#take(() => resource.prepare(next, signal), this.#opened);
        if (veto !== undefined) return [veto];
      }
    }
    return [];
  }

  /** Keeps what the app prepares. Returns why it refuses. */
  async #take(
    prepare: () => ReturnType<PrepareHook<unknown>>,
    taken: Prepared[],
  ): Promise<string | undefined> {
    if (this.#phase !== 'preparing') return undefined;
    try {
      const made = (await prepare()) ?? {};
      if (this.#phase === 'preparing') taken.push(made);
      else this.#call('abort', made);
      return undefined;
    } catch (error) {
      return messageOf(error);
    }
  }

  #findRestarts(active: Loaded): Answer {
    const reasons: string[] = [];
    if (this.#phase !== 'preparing') return ACCEPT;
    for (const { index, options, restarts } of this.#options.views)
      for (const select of restarts)
        try {
          const [previous, next] = [active.values[index], this.next.values[index]];
          if (isSameValue(select(previous), select(next))) continue;
          const name = options.file ?? options.keys ?? 'the bundle';
          reasons.push(`${name}: a part that cannot change in a running process has changed`);
        } catch (error) {
          return this.#reject([messageOf(error)]);
        }
    return reasons.length > 0 ? { verdict: 'restart', reasons } : ACCEPT;
  }

  #call(method: keyof Prepared, made: Prepared): void {
    const report = (error: unknown) => this.#options.report(`${method} of prepare`, error);
    guard(() => made[method]?.(), report);
  }

  #reject(reasons: readonly string[]): Answer {
    const values = [...this.#options.versions.active.values, ...this.next.values];
    return { verdict: 'reject', reasons: shorten(reasons, values) };
  }
}
