import { type CelInput, type CelResult, plan } from '@bufbuild/cel';
import { type Complaint, check } from './check.ts';
import { ENVIRONMENT } from './functions.ts';
import { allowRounds, boundLoops } from './loops.ts';
import type { TypeName } from './overloads.ts';
import { type Mistake, parseText } from './syntax.ts';
import type { Expr } from './tree.ts';

/** An expression that has passed every check that needs no content. */
export interface Expression {
  readonly tree: Expr;
  readonly type: TypeName;
  /** Gives failures as values. Never throws. */
  evaluate(variables: Readonly<Record<string, CelInput>>): CelResult;
}

export type Compiled =
  | { readonly ok: true; readonly expression: Expression }
  | { readonly ok: false; readonly mistake: Mistake };

/** Makes a text ready to be evaluated with these variables, or says what is wrong with it. */
export function compileExpression(text: string, variables: readonly string[]): Compiled {
  const parsed = parseText(text);
  if (!parsed.ok) return parsed;
  const { tree, offsetOf } = parsed;
  const { type, complaints } = check(tree, variables);
  const [first] = complaints.map((each) => mistakeOf(each, offsetOf)).sort(byOffset);
  if (first !== undefined) return { ok: false, mistake: first };
  boundLoops(tree);
  const run = plan(ENVIRONMENT, tree);
  const evaluate: Expression['evaluate'] = (values) => {
    allowRounds();
    return run(values);
  };
  return { ok: true, expression: { tree, type, evaluate } };
}

function mistakeOf({ id, reason }: Complaint, offsetOf: (id: bigint) => number): Mistake {
  return { offset: offsetOf(id), reason };
}

function byOffset(a: Mistake, b: Mistake): number {
  return a.offset - b.offset;
}
