import { isCelError, plan } from '@bufbuild/cel';
import { reasonOfFailure } from './failure.ts';
import { ENVIRONMENT } from './functions.ts';
import type { Call, Expr } from './tree.ts';

/**
 * Why a call with constant arguments always fails: `duration("5x")`, or `matches` with a pattern that is
 * not a regular expression.
 */
export function failureOfConstants(expr: Expr): string | undefined {
  const { exprKind } = expr;
  if (exprKind.case !== 'callExpr') return undefined;
  const call = withoutText(exprKind.value);
  const parts = call.target === undefined ? call.args : [call.target, ...call.args];
  if (!parts.every((part) => part.exprKind.case === 'constExpr')) return undefined;
  const constant: Expr = { ...expr, exprKind: { case: 'callExpr', value: call } };
  const result = plan(ENVIRONMENT, constant)();
  return isCelError(result) ? reasonOfFailure(result, constant, false) : undefined;
}

/** A pattern is right or wrong whatever the text. */
function withoutText(call: Call): Call {
  if (call.function !== 'matches' || call.target === undefined) return call;
  const target: Expr = {
    $typeName: 'cel.expr.Expr',
    id: call.target.id,
    exprKind: {
      case: 'constExpr',
      value: {
        $typeName: 'cel.expr.Constant',
        constantKind: { case: 'stringValue', value: '' },
      },
    },
  };
  return { ...call, target };
}
