import type { Expr } from '@bufbuild/cel-spec/cel/expr/syntax_pb.js';

export type { Expr };

type KindOf<Case> = Extract<Expr['exprKind'], { case: Case }>;
export type Select = KindOf<'selectExpr'>['value'];
export type Call = KindOf<'callExpr'>['value'];
export type Comprehension = KindOf<'comprehensionExpr'>['value'];

/** The parts of an expression, in the order of the text; of a loop first the value that it iterates over. */
export function childrenOf({ exprKind }: Expr): readonly Expr[] {
  switch (exprKind.case) {
    case 'selectExpr':
      return present([exprKind.value.operand]);
    case 'callExpr':
      return present([exprKind.value.target, ...exprKind.value.args]);
    case 'listExpr':
      return exprKind.value.elements;
    case 'structExpr':
      return present(
        exprKind.value.entries.flatMap(({ keyKind, value }) =>
          keyKind.case === 'mapKey' ? [keyKind.value, value] : [value],
        ),
      );
    case 'comprehensionExpr':
      return present([
        exprKind.value.iterRange,
        exprKind.value.accuInit,
        ...bodyOf(exprKind.value),
      ]);
    default:
      return [];
  }
}

/**
 * The parts of a loop that see its variables, the result last. The parser turns `all`, `exists`, `map`
 * and `filter` into loops.
 */
export function bodyOf(loop: Comprehension): readonly Expr[] {
  return present([loop.loopCondition, loop.loopStep, loop.result]);
}

/** `strings.quote`, for names with dots between them and nothing else. */
export function dottedNameOf({ exprKind }: Expr): string | undefined {
  if (exprKind.case === 'identExpr') return exprKind.value.name;
  if (exprKind.case !== 'selectExpr' || exprKind.value.operand === undefined) return undefined;
  const before = dottedNameOf(exprKind.value.operand);
  return before === undefined ? undefined : `${before}.${exprKind.value.field}`;
}

function present(parts: readonly (Expr | undefined)[]): readonly Expr[] {
  return parts.filter((part) => part !== undefined);
}
