import { isDeepStrictEqual } from 'node:util';
import { isPlainObject } from './plain-object.ts';

/** What is shown of a secret, wherever it gets to by mistake (P8). */
export const SHOWN = '[secret]';

/**
 * A value of a secret volume. Logs, templates, JSON and `util.inspect` show `[secret]`; only `reveal` returns
 * the value. `isDeepStrictEqual` cannot see it either, and takes any two secrets for equal: use `equals`.
 */
export class Secret<T = string> {
  // A private field: unlike a symbol or a closure in a property, nothing lists or copies it.
  readonly #value: T;

  /** For tests: the SDK makes those of a view. */
  constructor(value: T) {
    this.#value = value;
    Object.freeze(this);
  }

  /** The value itself. Search for this word to see where an app uses its secrets. */
  reveal(): T {
    return this.#value;
  }

  /** Whether it is the same value, given plain or as a secret. The time that it takes does not tell a text. */
  equals(other: unknown): boolean {
    const value: unknown = other instanceof Secret ? other.#value : other;
    if (typeof this.#value !== 'string' || typeof value !== 'string')
      return isDeepStrictEqual(this.#value, value);
    return isSameText(this.#value, value);
  }

  /** `[secret]`, in a template. */
  toString(): string {
    return SHOWN;
  }

  /** `[secret]`, for `JSON.stringify`. */
  toJSON(): string {
    return SHOWN;
  }

  /** `[secret]`, where a text or a number is wanted. */
  [Symbol.toPrimitive](): string {
    return SHOWN;
  }

  /** `util.inspect.custom`, for `console.log` and assertions. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return SHOWN;
  }
}

function isSameText(a: string, b: string): boolean {
  // Not by `import`: it is a third of the time that it takes to import the SDK, and most apps never compare.
  const { createHash, timingSafeEqual } = process.getBuiltinModule('node:crypto');
  // Digests have the same length, which `timingSafeEqual` requires.
  const digestOf = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digestOf(a), digestOf(b));
}

/** Whatever is not a list or a plain object is one value: a text, a number, a `Date`, bytes. */
type Leaf =
  | (string | number | bigint | boolean | symbol | null)
  | ((...args: never) => unknown)
  | (Date | RegExp | URL | Uint8Array | Map<unknown, unknown> | Set<unknown>);

/** Not distributed over a union: `string | null` is one secret. */
type SealedLeaf<T> = [T] extends [never] ? never : Secret<T>;

type SealedTree<T> = T extends Secret<unknown> | undefined
  ? T
  : { readonly [Key in keyof T]: Sealed<T[Key]> };

/** A value with each leaf as a {@link Secret}: `{ username: Secret<string>; password: Secret<string> }`. */
export type Sealed<T> = unknown extends T
  ? unknown
  : SealedLeaf<Extract<T, Leaf>> | SealedTree<Exclude<T, Leaf>>;

/** Wraps each leaf of a value. The keys stay: an app could not reach the values without them. */
export function seal(value: unknown): unknown {
  if (value === undefined || value instanceof Secret) return value;
  if (Array.isArray(value)) return value.map(seal);
  if (!isPlainObject(value)) return new Secret(value);
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, seal(inner)]));
}

/** Whether each leaf is a secret already. */
export function isSealed(value: unknown): boolean {
  if (value === undefined || value instanceof Secret) return true;
  if (Array.isArray(value)) return value.every(isSealed);
  return isPlainObject(value) && Object.values(value).every(isSealed);
}
