import type { BundleVersion } from '../provider.ts';
import { isAnyRunning, Pins } from './pins.ts';
import { Registry } from './registry.ts';

/** A version as the app sees it, with the value of each view. */
export interface Loaded extends BundleVersion {
  /** By the index of the view. A view that is added later adds its value. */
  readonly values: unknown[];
}

/** Before the first version is loaded. Nothing reads it. */
const NOTHING: Loaded = { version: 'sha256:', files: [], values: [] };

/** The active version of a bundle, and who sees it. */
export class Versions {
  readonly pins = new Pins<Loaded>();
  /** Called after each change, and at close. */
  readonly wakers = new Registry<() => void>();
  active = NOTHING;
  isClosed = false;

  /** The version that the caller sees: inside of `run` the pinned one. */
  get current(): Loaded {
    return (isAnyRunning() ? this.pins.pinned() : undefined) ?? this.active;
  }

  /** The value of a view. A version that was active before the view was there has none. */
  valueOf(loaded: Loaded, index: number): unknown {
    const value = loaded.values[index];
    return value === undefined && !(index in loaded.values) ? this.active.values[index] : value;
  }

  wake(): void {
    for (const wake of this.wakers) wake();
  }
}
