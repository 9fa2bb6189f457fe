import { parse } from '@bufbuild/cel';
import type { Expr } from './tree.ts';

/** Why a text is no expression that can be evaluated. */
export interface Mistake {
  /** In the text, from 0. */
  readonly offset: number;
  readonly reason: string;
}

/** A text as a tree; `offsetOf` tells where a part of the tree stands in the text. */
export type Parsed =
  | { readonly ok: true; readonly tree: Expr; readonly offsetOf: (id: bigint) => number }
  | { readonly ok: false; readonly mistake: Mistake };

/** The grammar takes milliseconds for a text of this length, and its recursion is bounded by it. */
export const MAX_RULE_LENGTH = 4096;

const MAX_SHOWN = 20;

/** Reads the text of an expression. Never throws. */
export function parseText(text: string): Parsed {
  if (text.length > MAX_RULE_LENGTH)
    return failed(0, `it is longer than ${MAX_RULE_LENGTH} characters`);
  try {
    // The grammar wants a line to end behind a comment, also the last one.
    const { expr, sourceInfo } = parse(`${text}\n`);
    return {
      ok: true,
      tree: expr,
      offsetOf: (id) => placeOf(text, sourceInfo?.positions[String(id)]),
    };
  } catch (thrown) {
    return mistakeOf(thrown, text);
  }
}

function failed(offset: number, reason: string): Parsed {
  return { ok: false, mistake: { offset, reason } };
}

function mistakeOf(thrown: unknown, text: string): Parsed {
  if (thrown instanceof RangeError) return failed(0, 'it is nested too deeply');
  const { location, message } = thrown as Error & { location?: { start: { offset: number } } };
  if (location === undefined) return failed(0, message);
  const { offset } = location.start;
  const [rest = ''] = text.slice(offset).split('\n');
  if (text.slice(offset).trim() === '') return failed(text.trimEnd().length, 'it ends too early');
  const shown = rest.length > MAX_SHOWN ? `${rest.slice(0, MAX_SHOWN)}…` : rest;
  return failed(offset, `syntax error at ${JSON.stringify(shown)}`);
}

/** The library gives the place of the dot before a field, and of the space before some operators. */
function placeOf(text: string, offset = 0): number {
  const [before = ''] = /^\s*\.?\s*/.exec(text.slice(offset)) ?? [];
  return offset + before.length;
}
