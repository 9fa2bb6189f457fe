import { type CelInput, type CelResult, plan } from '@bufbuild/cel';
import type { Issue } from '@lastgood/core/model/issue.ts';
import { checkExpression } from './check.ts';
import { ENVIRONMENT } from './functions.ts';
import { boundLoops, resetRounds } from './loops.ts';
import type { TypeName } from './overloads.ts';
import { parseText } from './syntax.ts';
import type { Expr } from './tree.ts';

/** An expression that passed every check without content. */
export interface Expression {
  readonly tree: Expr;
  readonly type: TypeName;
  /** Returns failures as values. Never throws. */
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
  const run = plan(ENVIRONMENT, tree);
  const evaluate: Expression['evaluate'] = (values) => {
    resetRounds();
    return run(values);
  };
  return { ok: true, expression: { tree, type, evaluate } };
}
