import { type CelInput, type CelResult, parse, plan } from '@bufbuild/cel';
import type { Issue } from '@lastgood/core/model/issue.ts';
import { truncate } from '@lastgood/core/model/truncate.ts';
import { assertLightRule, literalsIn, resetAllocations } from './allocations.ts';
import { checkExpression, ruleIssue } from './check.ts';
import { BOUNDED, type TypeName } from './functions.ts';
import { boundLoops, resetRounds } from './loops.ts';
import type { Expr } from './tree.ts';

/** An expression that passed every check without content. */
export interface Expression {
  readonly tree: Expr;
  readonly type: TypeName;
  /** Returns failures as values. Throws `TooHeavyHere` in the main thread if it makes too much. */
  evaluate(variables: Readonly<Record<string, CelInput>>): CelResult;
}

export type Compiled =
  | { readonly ok: true; readonly expression: Expression }
  | { readonly ok: false; readonly issue: Issue };

/** Compiles a text for these variables, or gives the first issue in the order of the text. */
export function compileExpression(text: string, variables: readonly string[]): Compiled {
  const parsed = parseText(text);
  if (!parsed.ok) return parsed;
  const { tree, offsetOf } = parsed;
  const { type, issues } = checkExpression(tree, variables);
  const [first] = issues
    .map((issue) => ({ ...issue, at: offsetOf(issue.at) }))
    .sort((a, b) => a.at - b.at);
  if (first !== undefined) return { ok: false, issue: first };
  boundLoops(tree);
  const run = plan(BOUNDED, tree);
  const literals = literalsIn(tree);
  const evaluate: Expression['evaluate'] = (values) => {
    resetRounds();
    resetAllocations(literals);
    const result = run(values);
    assertLightRule();
    return result;
  };
  return { ok: true, expression: { tree, type, evaluate } };
}

/** A text as a tree; `offsetOf` gives the offset of a part of the tree in the text. */
type Parsed =
  | { readonly ok: true; readonly tree: Expr; readonly offsetOf: (id: bigint) => number }
  | { readonly ok: false; readonly issue: Issue };

/** Parsing a text of this length takes milliseconds; it also bounds the recursion of the grammar. */
const MAX_RULE_LENGTH = 4096;

const MAX_EXCERPT_LENGTH = 20;

/** Reads the text of an expression. Never throws. */
function parseText(text: string): Parsed {
  if (text.length > MAX_RULE_LENGTH)
    return failed(0, `it is longer than ${MAX_RULE_LENGTH} characters`);
  try {
    // The grammar requires a line end after a comment, even the last one.
    const { expr, sourceInfo } = parse(`${text}\n`);
    return {
      ok: true,
      tree: expr,
      offsetOf: (id) => offsetIn(text, sourceInfo?.positions[String(id)]),
    };
  } catch (thrown) {
    return failedBy(thrown, text);
  }
}

function failed(offset: number, reason: string): Parsed {
  return { ok: false, issue: ruleIssue(reason, offset) };
}

function failedBy(thrown: unknown, text: string): Parsed {
  if (thrown instanceof RangeError) return failed(0, 'it is nested too deeply');
  const { location, message } = thrown as Error & { location?: { start: { offset: number } } };
  if (location === undefined) return failed(0, message);
  const { offset } = location.start;
  const [rest = ''] = text.slice(offset).split('\n');
  if (text.slice(offset).trim() === '') return failed(text.trimEnd().length, 'it ends too early');
  const excerpt = JSON.stringify(truncate(rest, MAX_EXCERPT_LENGTH));
  return failed(offset, `syntax error at ${excerpt}`);
}

/** The library gives the offset of the dot before a field, and of the space before some operators. */
function offsetIn(text: string, offset = 0): number {
  const [before = ''] = /^\s*\.?\s*/.exec(text.slice(offset)) ?? [];
  return offset + before.length;
}
