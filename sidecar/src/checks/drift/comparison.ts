import type { Pointer } from '@lastgood/core/model/pointer.ts';
import type { Difference, LostKey, NewKey, Weight } from './difference.ts';

/** Of each kind. More help no reader, and a file can differ from another one in every key. */
const MAX_KEPT = 1_000;

/** Looking at more lost keys takes time, and says nothing new. */
const MAX_LOST = 100_000;

/** What a comparison of a value with its earlier shape has found, within bounds. */
export class Comparison {
  readonly lost: LostKey[] = [];
  readonly added: NewKey[] = [];
  /** Of all lost keys that an app may need, also those that are not kept. */
  incompatibleCount = 0;
  readonly #keepsOrdinary: boolean;
  readonly #differences: Readonly<Record<Weight, Difference[]>> = {
    incompatible: [],
    replaced: [],
    suspicious: [],
    ordinary: [],
  };
  #lostCount = 0;

  /** @param keepsOrdinary - whether ordinary edits are of interest too */
  constructor(keepsOrdinary: boolean) {
    this.#keepsOrdinary = keepsOrdinary;
  }

  /** There are too many differences to look at the rest. */
  get isCutShort(): boolean {
    return this.#lostCount > MAX_LOST;
  }

  /** The most serious ones first, so that a bound on them leaves out others. */
  get differences(): readonly Difference[] {
    return Object.values(this.#differences).flat();
  }

  /** Notes a difference of a value itself. */
  report(
    weight: Weight,
    pointer: Pointer,
    ...[message, quote]: [message: string, quote?: string]
  ): void {
    const known = this.#differences[weight];
    if (!this.#isKept(weight) || known.length >= MAX_KEPT) return;
    known.push({ weight, subject: pointer, message, quote, at: { pointer, part: 'value' } });
  }

  lose(key: LostKey): void {
    this.#lostCount += 1;
    if (key.weight !== 'ordinary') this.incompatibleCount += 1;
    if (this.#isKept(key.weight) && this.lost.length < MAX_KEPT) this.lost.push(key);
  }

  gain(key: NewKey): void {
    if (this.added.length < MAX_KEPT) this.added.push(key);
  }

  /** Where the comparison is now, for `excuseSince`. */
  mark() {
    return { length: this.lost.length, count: this.incompatibleCount };
  }

  /** Counts all keys that were lost since a mark as an ordinary edit. */
  excuseSince({ length, count }: ReturnType<Comparison['mark']>): void {
    this.incompatibleCount = count;
    const excused = this.lost.splice(length);
    if (this.#keepsOrdinary)
      this.lost.push(...excused.map((key) => ({ ...key, weight: 'ordinary' as const })));
  }

  #isKept(weight: Weight): boolean {
    return weight !== 'ordinary' || this.#keepsOrdinary;
  }
}
