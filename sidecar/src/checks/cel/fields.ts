import type { Pointer } from '@lastgood/core/model/pointer.ts';
import { bodyOf, childrenOf, type Expr } from './tree.ts';

/** The parts of `self` that an expression names. */
export interface Fields {
  /** The first one; the whole of `self` if there is none. */
  readonly first: Pointer;
  /** The pointers of parts of the expression, by their id. */
  readonly byId: ReadonlyMap<bigint, Pointer>;
  readonly usesOld: boolean;
}

/** A path into `self`, as far as the text of the rule gives it. */
interface Path {
  readonly steps: Pointer;
  /** The next step follows the last one: none between depends on the content. */
  readonly open: boolean;
}

/** The paths of the variables of loops; undefined if not in `self`. */
type Names = ReadonlyMap<string, Path | undefined>;

/** The names of the content in a rule. */
export const SELF = 'self';
export const OLD_SELF = 'oldSelf';

/** Finds the fields of `self` that an expression names, as `self.a.b`, `self["a"]` or `self.list[0]`. */
export function fieldsOf(expr: Expr): Fields {
  const byId = new Map<bigint, Pointer>();
  let usesOld = false;
  const visit = (part: Expr, names: Names): void => {
    const path = pathOf(part, names);
    if (path !== undefined) byId.set(part.id, path.steps);
    const { exprKind } = part;
    const isOld = exprKind.case === 'identExpr' && exprKind.value.name === OLD_SELF;
    usesOld ||= isOld && !names.has(OLD_SELF);
    for (const child of childrenOf(part)) visit(child, namesIn(part, child, names));
  };
  visit(expr, new Map([[SELF, { steps: [], open: true }]]));
  // A map keeps the order of the visit: a whole chain comes before its beginning.
  const [first = []] = byId.values();
  return { first, byId, usesOld };
}

function pathOf(expr: Expr, names: Names): Path | undefined {
  const { exprKind } = expr;
  if (exprKind.case === 'identExpr') return names.get(exprKind.value.name);
  if (exprKind.case === 'selectExpr')
    return stepFrom(exprKind.value.operand, exprKind.value.field, names);
  if (exprKind.case !== 'callExpr' || exprKind.value.function !== '_[_]') return undefined;
  const [container, key] = exprKind.value.args;
  return stepFrom(container, literalOf(key), names);
}

function stepFrom(
  from: Expr | undefined,
  step: string | number | undefined,
  names: Names,
): Path | undefined {
  const path = from === undefined ? undefined : pathOf(from, names);
  if (path === undefined || !path.open) return path;
  return step === undefined
    ? { ...path, open: false }
    : { steps: [...path.steps, step], open: true };
}

function literalOf(key: Expr | undefined): string | number | undefined {
  if (key?.exprKind.case !== 'constExpr') return undefined;
  const { constantKind } = key.exprKind.value;
  if (constantKind.case === 'stringValue') return constantKind.value;
  return constantKind.case === 'int64Value' ? Number(constantKind.value) : undefined;
}

/** The variable of a loop is somewhere in the value that the loop iterates over. */
function namesIn(parent: Expr, child: Expr, names: Names): Names {
  if (parent.exprKind.case !== 'comprehensionExpr') return names;
  const loop = parent.exprKind.value;
  if (!bodyOf(loop).includes(child)) return names;
  const range = loop.iterRange === undefined ? undefined : pathOf(loop.iterRange, names);
  return new Map(names).set(loop.iterVar, range && { ...range, open: false });
}
