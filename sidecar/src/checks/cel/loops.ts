import {
  type CelFunc,
  type CelList,
  CelScalar,
  type CelValue,
  celFunc,
  celList,
  listType,
} from '@bufbuild/cel';
import { type Comprehension, childrenOf, type Expr } from './tree.ts';

/**
 * How many rounds the loops of a rule may take in total. Nested loops over a small file would otherwise
 * block the process, and probes with it, for minutes.
 */
export const MAX_ROUNDS = 100_000;

/** The message of the failure of a rule with too many rounds. */
export const TOO_MANY_ROUNDS = 'too many rounds';

/** Names that a rule cannot use. */
export const WITHIN_BOUND = '@within_bound';
export const APPEND = '@append';

const ANY_LIST = listType(CelScalar.DYN);

/** Evaluation is synchronous, so one counter serves all rules. */
let roundsLeft = 0;

/** Must be called before a rule is evaluated. */
export function resetRounds(): void {
  roundsLeft = MAX_ROUNDS;
}

/** The functions that `boundLoops` adds to loops. */
export const LOOP_FUNCTIONS: readonly CelFunc[] = [
  celFunc(WITHIN_BOUND, [CelScalar.BOOL], CelScalar.BOOL, (goOn) => {
    roundsLeft -= 1;
    if (roundsLeft < 0) throw new Error(TOO_MANY_ROUNDS);
    return goOn;
  }),
  celFunc(APPEND, [ANY_LIST, ANY_LIST], ANY_LIST, appended),
];

/** Makes every loop of an expression count its rounds, and `map` and `filter` append in place. */
export function boundLoops(expr: Expr): void {
  if (expr.exprKind.case === 'comprehensionExpr') boundLoop(expr.exprKind.value);
  for (const child of childrenOf(expr)) boundLoops(child);
}

function boundLoop(loop: Comprehension): void {
  if (loop.loopStep !== undefined) appendInPlace(loop.loopStep, loop.accuVar);
  const condition = loop.loopCondition;
  if (condition === undefined) return;
  loop.loopCondition = {
    $typeName: 'cel.expr.Expr',
    id: condition.id,
    exprKind: {
      case: 'callExpr',
      value: { $typeName: 'cel.expr.Expr.Call', function: WITHIN_BOUND, args: [condition] },
    },
  };
}

/** `result + [item]`, alone or as the result of a condition. */
function appendInPlace({ exprKind }: Expr, result: string): void {
  if (exprKind.case !== 'callExpr') return;
  const [first, second] = exprKind.value.args;
  if (exprKind.value.function === '_?_:_' && second !== undefined) appendInPlace(second, result);
  const grows = first?.exprKind.case === 'identExpr' && first.exprKind.value.name === result;
  if (exprKind.value.function === '_+_' && grows && second?.exprKind.case === 'listExpr')
    exprKind.value.function = APPEND;
}

/** The items of lists that are still growing. */
const growing = new WeakMap<CelList, CelValue[]>();

/**
 * The library's own `+` keeps references to both lists, and reading a list of some thousand of these
 * overflows the stack. Nothing else sees a list while its loop runs.
 */
function appended(list: CelList, more: CelList): CelList {
  const items = growing.get(list);
  if (items === undefined) {
    const copy = [...list, ...more];
    const result = celList(copy);
    growing.set(result, copy);
    return result;
  }
  for (const item of more) items.push(item);
  return list;
}
