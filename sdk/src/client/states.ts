import { isDeepStrictEqual } from 'node:util';
import type { State } from '../config.ts';
import type { BundleVersion } from '../provider.ts';
import { Registry } from './registry.ts';

type Status = Omit<State, 'since'>;

/** How current the value is: as the last rollout or the provider says, or worse if a resource is not there. */
export class States {
  readonly listeners = new Registry<(state: State) => void>();
  /** Of resources whose last good one cannot be opened again. */
  readonly #faults = new Map<object, string>();
  /** The state if the app has refused the last candidate. */
  refused: Status | undefined;
  readonly #onChange: (state: State) => void;
  #reported: Status = { status: 'ok' };
  #current: State = Object.freeze({ status: 'ok', since: new Date() });

  constructor(onChange: (state: State) => void) {
    this.#onChange = onChange;
  }

  get current(): State {
    return this.#current;
  }

  set(reported: Status): void {
    const { refused } = this;
    const version = reported.status === 'degraded' ? reported.rejected?.version : undefined;
    // The app's own words: those of a sidecar name the process, and are withheld where there are secrets.
    const isOwn = refused !== undefined && refused.rejected?.version === version;
    this.#reported = isOwn ? refused : reported;
    this.#update();
  }

  setFault(resource: object, reason: string | undefined): void {
    if (reason === undefined) this.#faults.delete(resource);
    else this.#faults.set(resource, reason);
    // A commit may be the cause: listeners are called once all of it has changed (P1).
    queueMicrotask(() => this.#update());
  }

  /** `since` stays while the status does. */
  #update(): void {
    const [fault] = this.#faults.values();
    const isFault = fault !== undefined && this.#reported.status === 'ok';
    const next: Status = isFault ? { status: 'degraded', reason: fault } : this.#reported;
    const { since, ...previous } = this.#current;
    if (isDeepStrictEqual(previous, next)) return;
    const isSame = previous.status === next.status;
    this.#current = Object.freeze({ ...next, since: isSame ? since : new Date() });
    this.#onChange(this.#current);
  }
}

/** The state after a rollback from this version, until the provider has another one. */
export function rolledBack({ version }: Pick<BundleVersion, 'version'>) {
  const reason = 'lastgood has rolled back to the last good version';
  return { status: 'degraded', reason, rejected: { version, reasons: [reason] } } as const;
}
