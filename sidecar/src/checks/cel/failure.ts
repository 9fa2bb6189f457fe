import type { CelError } from '@bufbuild/cel';
import { MAX_MADE, TOO_LARGE } from './allocations.ts';
import { noOverload } from './functions.ts';
import { MAX_ROUNDS, TOO_MANY_ROUNDS } from './loops.ts';
import { childrenOf, dottedNameOf, type Expr } from './tree.ts';

const WRONG_TYPE = 'a value has the wrong type';

/** Our reasons by the library's message, which quotes content and so is never shown (P8). */
const REASONS: readonly (readonly [message: RegExp, reason: string])[] = [
  [/^index .* out of bounds|^index out of range/, 'no such index'],
  [/divide by zero$|modulus by zero$/, 'division by zero'],
  [/ overflow during |out of range/, 'a number or time is out of range'],
  [/^error parsing regexp/, 'the pattern is not a regular expression'],
  [/^(?:Unable to|Cannot|Failed to) (?:convert|parse|decode)/, 'a value cannot be converted'],
  [/^type mismatch|^unsupported key type|^found no matching overload/, WRONG_TYPE],
  [/^Maximum call stack size exceeded$/, 'it is nested too deeply'],
  [new RegExp(`^${TOO_LARGE}$`), `its texts and lists have more than ${MAX_MADE} characters`],
  [new RegExp(`^${TOO_MANY_ROUNDS}$`), `its loops take more than ${MAX_ROUNDS} rounds`],
];

/** Such as `found no matching overload for '_+_' applied to '(int, string)'`. */
const NO_OVERLOAD = /^found no matching overload for '(.+)' applied to '(?:(.+)\.)?\((.*)\)'$/;

/** Why an expression could not be evaluated, without any content except types. */
export function reasonOfFailure(error: CelError, expr: Expr, secret: boolean): string {
  const { message } = error;
  if (message.startsWith('field not found')) return missingKey(error, expr);
  const [, name, target, args] = NO_OVERLOAD.exec(message) ?? [];
  // For a secret, not even the type of a value is shown.
  if (!secret && name !== undefined && args !== undefined)
    return noOverload({ name, target, args: args === '' ? [] : args.split(', ') });
  return REASONS.find(([pattern]) => pattern.test(message))?.[1] ?? 'an operation fails';
}

/** Names the key if the rule does; a key that comes from the content is not shown. */
function missingKey({ exprId }: CelError, expr: Expr): string {
  const found = exprId === undefined ? undefined : find(expr, exprId);
  if (found?.exprKind.case !== 'selectExpr') return 'no such key';
  return `no such key ${dottedNameOf(found) ?? found.exprKind.value.field}`;
}

function find(expr: Expr, id: bigint): Expr | undefined {
  if (expr.id === id) return expr;
  for (const child of childrenOf(expr)) {
    const found = find(child, id);
    if (found !== undefined) return found;
  }
  return undefined;
}
