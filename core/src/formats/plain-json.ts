import { createScanner, type SyntaxKind } from 'jsonc-parser';
import type { Issue } from '../model/issue.ts';
import type { ReadersOf } from './readers.ts';
import { dialectIssue } from './syntax-issues.ts';

/** A text as plain JSON, and what it had besides: some readers accept that (P11). */
export interface PlainJson {
  readonly text: string;
  readonly warnings: readonly Issue[];
}

/** jsonc-parser's enums are types only. */
const KINDS: Partial<Record<SyntaxKind, 'open' | 'close' | 'comma' | 'comment' | 'trivia'>> = {
  1: 'open',
  2: 'close',
  3: 'open',
  4: 'close',
  5: 'comma',
  12: 'comment',
  13: 'comment',
  14: 'trivia',
  15: 'trivia',
};
const UNKNOWN = 16;
const END = 17;
const UNEXPECTED_END_OF_COMMENT = 1;

const COMMENTS =
  'comments are not part of JSON; name the file *.jsonc, or set format: jsonc in a check, if its app reads them';
const TRAILING = 'trailing comma, which only some readers of JSON accept';
const CONSTANTS =
  'NaN and Infinity are not part of JSON; only some readers, such as Python, accept them';

const VS_CODE = 'VS Code';

export const JSON_READERS: ReadersOf = {
  'is UTF-16, not UTF-8': ['Python'],
  'is not valid UTF-8': ['JavaScript', 'Go', VS_CODE],
  [COMMENTS]: [VS_CODE],
  [TRAILING]: [VS_CODE],
  [CONSTANTS]: ['Python'],
};

/** After this many, the rest only repeats the first ones. */
const MAX_WARNINGS = 20;

/**
 * Puts blanks in place of comments and trailing commas. A comment without an end stays.
 *
 * @param allowsComments - do not warn about comments
 */
export function withoutExtras(text: string, allowsComments: boolean): PlainJson {
  const plain = new Replacement(text);
  const scanner = createScanner(text, false);
  let previous: string | undefined = 'open';
  let comma: number | undefined;
  for (let kind = scanner.scan(); kind !== END; kind = scanner.scan()) {
    const name = KINDS[kind];
    const start = scanner.getTokenOffset();
    const length = scanner.getTokenLength();
    if (name === 'trivia') continue;
    if (name === 'comment') {
      if (scanner.getTokenError() === UNEXPECTED_END_OF_COMMENT) continue;
      if (!allowsComments) plain.warnOnce(COMMENTS, start);
      plain.replace(start, text.slice(start, start + length).replaceAll(/[^\r\n]/g, ' '));
      continue;
    }
    if (name === 'close' && comma !== undefined) {
      plain.warn(TRAILING, comma);
      plain.replace(comma, ' ');
    }
    const isAfterValue = previous !== 'comma' && previous !== 'open';
    comma = name === 'comma' && isAfterValue ? start : undefined;
    previous = name;
  }
  return plain;
}

const CONSTANT = /(?:-?Infinity|NaN)(?![\w$])/y;

/** Puts numbers in place of NaN and Infinity. Undefined if there is none. */
export function withoutConstants(
  text: string,
  numberFor: (constant: string) => string,
): PlainJson | undefined {
  const plain = new Replacement(text);
  const scanner = createScanner(text, false);
  for (let kind = scanner.scan(); kind !== END; kind = scanner.scan()) {
    const start = scanner.getTokenOffset();
    CONSTANT.lastIndex = start;
    const [constant] = kind === UNKNOWN ? (CONSTANT.exec(text) ?? []) : [];
    if (constant === undefined) continue;
    plain.warnOnce(CONSTANTS, start);
    plain.replace(start, numberFor(constant), constant.length);
    scanner.setPosition(start + constant.length);
  }
  return plain.warnings.length === 0 ? undefined : plain;
}

/** As of JSON.parse; `source` is a number as it is written. */
export type Reviver = (
  this: object,
  key: string,
  value: unknown,
  context?: { readonly source?: string },
) => unknown;

/** Parses JSON with NaN and Infinity. Undefined if there is none, or anything else is wrong. */
export function parseConstants(
  text: string,
  revive: Reviver,
): { readonly value: unknown } | undefined {
  // No number of the text ends in it, so the reviver finds the constants again.
  const zeroes = text.matchAll(/E-(0+)/g).map(([, { length } = '']) => length);
  const exponent = `E-${'0'.repeat(zeroes.reduce((most, each) => Math.max(most, each), 0) + 1)}`;
  const plain = withoutConstants(text, (constant) => `${DIGITS[constant]}${exponent}`);
  if (plain === undefined) return undefined;
  const reviveAll: Reviver = function (key, value, context) {
    const isConstant = context?.source?.endsWith(exponent);
    return isConstant ? Number(value) / 0 : revive.call(this, key, value, context);
  };
  try {
    return { value: JSON.parse(plain.text, reviveAll) };
  } catch {
    return undefined;
  }
}

/** Divided by zero, they are the constants. */
const DIGITS: Readonly<Record<string, string>> = { NaN: '0', Infinity: '1', '-Infinity': '-1' };

class Replacement implements PlainJson {
  readonly warnings: Issue[] = [];
  readonly #original: string;
  readonly #replaced: (readonly [start: number, by: string, length: number])[] = [];

  constructor(original: string) {
    this.#original = original;
  }

  get text(): string {
    const pieces: string[] = [];
    let done = 0;
    // A comma is only known to be a trailing one after the comments behind it.
    for (const [start, by, length] of this.#replaced.toSorted(([a], [b]) => a - b)) {
      pieces.push(this.#original.slice(done, start), by);
      done = start + length;
    }
    return [...pieces, this.#original.slice(done)].join('');
  }

  replace(start: number, by: string, length = by.length): void {
    this.#replaced.push([start, by, length]);
  }

  warn(message: string, at: number): void {
    if (this.warnings.length < MAX_WARNINGS) this.warnings.push(dialectIssue(message, at));
  }

  warnOnce(message: string, at: number): void {
    if (!this.warnings.some(({ args }) => args[0] === message)) this.warn(message, at);
  }
}
