import type { Pointer, ValuePath } from '@lastgood/core/model/pointer.ts';
import type { Shape } from './shape.ts';

/**
 * How serious a difference is:
 * - `suspicious`: an app can read the new value, but people rarely mean it.
 * - `incompatible`: an app that reads the old value may fail on the new one.
 * - `replaced`: the same, but the edit adds keys too, so most likely people mean it.
 * - `ordinary`: an edit that is made every day, such as a new key.
 */
export type Weight = 'suspicious' | 'incompatible' | 'replaced' | 'ordinary';

/** One difference between a value and the shape that it had before. */
export interface Difference {
  readonly weight: Weight;
  /** The value that it is about, which starts the message. */
  readonly subject: Pointer;
  /** Names kinds only, such as `is text (was a number)`. */
  readonly message: string;
  /** Where a key with another name or place is now. */
  readonly replacement?: Pointer;
  /** Has content. */
  readonly quote?: string | undefined;
  readonly at: ValuePath;
}

/** A key that is no longer in its mapping. */
export interface LostKey {
  readonly pointer: Pointer;
  readonly shape: Shape;
  readonly weight: Weight;
  /** Most keys of its mapping are gone with it. */
  readonly isCutOff: boolean;
}

/** A key that was not in its mapping before. */
export interface NewKey {
  readonly pointer: Pointer;
  readonly value: unknown;
}
