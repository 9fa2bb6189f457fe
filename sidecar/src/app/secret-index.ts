import { CUT, type View, viewsOf } from './encoded-views.ts';

/** A shorter value may be part of any word, and protects nothing. */
const MIN_LENGTH = 4;

/** Shorter values are only found as whole words: `admin`, but not in `administrator`. */
export const MIN_LENGTH_INSIDE_WORDS = 8;

/** Words that are values of many keys, and so say nothing; small numbers, such as ports. */
const COMMON = /^(?:true|false|null|none|auto|info|warn|error|debug|https?|json|yaml|\d{1,5})$/i;

const HIDDEN = 'xxxxx';

type Range = readonly [start: number, end: number];

/** Returns a function that hides secrets in a text, as they are and as programs encode them. */
export function createScrub(secrets: Iterable<string>): (text: string) => string {
  const words = new Set<string>();
  const long = new Set<string>();
  for (const secret of secrets) {
    if (secret.length < MIN_LENGTH || COMMON.test(secret)) continue;
    if (secret.length < MIN_LENGTH_INSIDE_WORDS) words.add(secret);
    // Also its bytes, as what is decoded may not be text.
    else long.add(secret).add(Buffer.from(secret).toString('latin1'));
  }
  const index = long.size === 0 ? undefined : new PrefixIndex(long);
  return (text) => {
    const ranges = words.size === 0 ? [] : findWords(text, words);
    if (index !== undefined) for (const view of viewsOf(text)) ranges.push(...index.findIn(view));
    return hide(text, ranges);
  };
}

/** Each with no letter or digit beside it. */
function findWords(text: string, words: ReadonlySet<string>): Range[] {
  const found: Range[] = [];
  for (let start = 0; start + MIN_LENGTH <= text.length; start++)
    for (let end = start + MIN_LENGTH; end < start + MIN_LENGTH_INSIDE_WORDS; end++)
      if (words.has(text.slice(start, end)) && isWord(text, start, end)) found.push([start, end]);
  return found;
}

/** Two code units, as a letter may be a surrogate pair. */
function isWord(text: string, start: number, end: number): boolean {
  const before = text.slice(Math.max(0, start - 2), start);
  return !/[\p{L}\p{N}]$/u.test(before) && !/^[\p{L}\p{N}]/u.test(text.slice(end, end + 2));
}

function hide(text: string, ranges: readonly Range[]): string {
  const pieces: string[] = [];
  let done = 0;
  for (const [start, end] of ranges.toSorted(([a], [b]) => a - b)) {
    if (start >= done) pieces.push(text.slice(done, start), HIDDEN);
    done = Math.max(done, end);
  }
  return [...pieces, text.slice(done)].join('');
}

/**
 * Finds which of many values begins at an offset by binary search: the time for a text does not depend on
 * how many values there are.
 */
class PrefixIndex {
  readonly #sorted: readonly string[];
  /** Of each value, the index of the longest other one that it starts with, or -1. */
  readonly #shorter: Int32Array;
  readonly #starts: ReadonlySet<string>;
  readonly #maxLength: number;

  constructor(values: ReadonlySet<string>) {
    this.#sorted = [...values].sort();
    this.#starts = new Set(this.#sorted.map((value) => value.slice(0, MIN_LENGTH_INSIDE_WORDS)));
    this.#maxLength = this.#sorted.reduce((most, { length }) => Math.max(most, length), 0);
    this.#shorter = new Int32Array(this.#sorted.length);
    for (const [index, value] of this.#sorted.entries())
      this.#shorter[index] = this.#prefixOf(value, index - 1);
  }

  *findIn({ text, startOf, endOf }: View): Generator<Range> {
    let cut = text.indexOf(CUT);
    for (let at = 0; at + MIN_LENGTH <= text.length; at++) {
      while (cut !== -1 && cut < at) cut = text.indexOf(CUT, cut + 1);
      const end = this.#endAt(text, at, cut);
      if (end !== undefined) yield [startOf(at), endOf(end)];
    }
  }

  /** Where the longest value ends that begins at an offset, perhaps at a cut. */
  #endAt(text: string, at: number, cut: number): number | undefined {
    const toCut = cut - at;
    const mayBeCut = toCut >= MIN_LENGTH && toCut < this.#maxLength;
    const mayBegin = this.#starts.has(text.slice(at, at + MIN_LENGTH_INSIDE_WORDS));
    if (mayBeCut && (mayBegin || toCut < MIN_LENGTH_INSIDE_WORDS)) {
      const start = text.slice(at, cut);
      if (this.#sorted[this.#countBelow(start)]?.startsWith(start)) return cut;
    }
    if (!mayBegin) return undefined;
    const rest = text.slice(at, at + this.#maxLength);
    const next = this.#countBelow(rest);
    const found = this.#prefixOf(rest, this.#sorted[next] === rest ? next : next - 1);
    return found === -1 ? undefined : at + (this.#sorted[found] ?? '').length;
  }

  /** The longest value that a text starts with; `last` is the last value that is not above the text. */
  #prefixOf(text: string, last: number): number {
    let index = last;
    // Any shorter one is a start of this one too, since it is between them.
    while (index >= 0 && !text.startsWith(this.#sorted[index] ?? ''))
      index = this.#shorter[index] ?? -1;
    return index;
  }

  /** How many values are below a text. */
  #countBelow(text: string): number {
    let low = 0;
    let high = this.#sorted.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#sorted[middle] ?? '') < text) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
