import { isCelError, plan } from '@bufbuild/cel';
import type { Issue } from '@lastgood/core/model/issue.ts';
import { suggestion } from '../../settings/did-you-mean.ts';
import { resetAllocations } from './allocations.ts';
import { reasonOfFailure } from './failure.ts';
import {
  BOUNDED,
  DYN,
  ENVIRONMENT,
  fits,
  formatType,
  resolve,
  type TypeName,
} from './functions.ts';
import {
  bodyOf,
  type Call,
  type Comprehension,
  childrenOf,
  dottedNameOf,
  type Expr,
  type Select,
} from './tree.ts';

/** Why a rule cannot be used. */
export function ruleIssue<At>(reason: string, at: At): Issue<At> {
  return { code: 'LG_SETTINGS_RULE', args: [reason], at };
}

/** Deeper expressions are refused, so that later recursion over one needs no other bound. */
const MAX_EXPRESSION_DEPTH = 100;

/** Names of types, as in `type(self.port) == int`. */
const TYPE_NAMES: readonly string[] = [
  ...['bool', 'bytes', 'double', 'int', 'list', 'map', 'null_type', 'string', 'type', 'uint'],
  ...['google.protobuf.Duration', 'google.protobuf.Timestamp'],
];

const LITERALS: ReadonlyMap<string, TypeName> = new Map([
  ['boolValue', 'bool'],
  ['bytesValue', 'bytes'],
  ['doubleValue', 'double'],
  ['int64Value', 'int'],
  ['nullValue', 'null_type'],
  ['stringValue', 'string'],
  ['uint64Value', 'uint'],
]);

interface Context {
  /** The names that can be used here, and the types of their values. */
  readonly names: ReadonlyMap<string, TypeName>;
  readonly depth: number;
  readonly issues: Issue<bigint>[];
}

/**
 * Finds the type of an expression, and names, functions and operands that are wrong for any content, each
 * at the id of a part. The library finds them only when a rule runs, and after a `||` perhaps never.
 *
 * Source: cel-spec doc/langdef.md, "Gradual Type Checking", with the variables as `dyn`
 */
export function checkExpression(
  expr: Expr,
  variables: readonly string[],
): { readonly type: TypeName; readonly issues: readonly Issue<bigint>[] } {
  const names = new Map(variables.map((name) => [name, DYN]));
  const issues: Issue<bigint>[] = [];
  return { type: typeOf(expr, { names, depth: 0, issues }), issues };
}

/** After an issue the type counts as unknown, so that each mistake is reported once. */
function refuse({ id }: Expr, { issues }: Context, reason: string): TypeName {
  issues.push(ruleIssue(reason, id));
  return DYN;
}

function typeOf(expr: Expr, outer: Context): TypeName {
  const context = { ...outer, depth: outer.depth + 1 };
  if (context.depth > MAX_EXPRESSION_DEPTH)
    return refuse(expr, context, `it is nested deeper than ${MAX_EXPRESSION_DEPTH}`);
  const { exprKind } = expr;
  switch (exprKind.case) {
    case 'constExpr':
      return LITERALS.get(exprKind.value.constantKind.case ?? '') ?? DYN;
    case 'identExpr':
      return typeOfName(expr, exprKind.value.name, context);
    case 'selectExpr':
      return typeOfField(expr, exprKind.value, context);
    case 'callExpr':
      return typeOfCall(expr, exprKind.value, context);
    case 'comprehensionExpr':
      return typeOfLoop(exprKind.value, context);
    default:
      return typeOfLiteral(expr, context);
  }
}

function typeOfLiteral(expr: Expr, context: Context): TypeName {
  for (const child of childrenOf(expr)) typeOf(child, context);
  if (expr.exprKind.case === 'listExpr') return 'list';
  if (expr.exprKind.case !== 'structExpr' || expr.exprKind.value.messageName === '') return 'map';
  return refuse(expr, context, 'messages are not supported, only maps such as {"key": value}');
}

function typeOfName(expr: Expr, name: string, context: Context): TypeName {
  const type = context.names.get(name) ?? (TYPE_NAMES.includes(name) ? 'type' : undefined);
  if (type !== undefined) return type;
  const known = [...context.names.keys()].filter((each) => !each.startsWith('@'));
  const hint = suggestion(name, known) || `, known are ${known.join(', ')}`;
  return refuse(expr, context, `unknown name "${name}"${hint}`);
}

function typeOfField(expr: Expr, { operand, field, testOnly }: Select, context: Context): TypeName {
  if (TYPE_NAMES.includes(dottedNameOf(expr) ?? '')) return 'type';
  const type = operand === undefined ? DYN : typeOf(operand, context);
  if (!fits(type, 'map'))
    return refuse(expr, context, `${formatType(type)} has no field "${field}"`);
  return testOnly ? 'bool' : DYN;
}

function typeOfLoop(loop: Comprehension, context: Context): TypeName {
  const { iterRange, accuInit, iterVar, accuVar } = loop;
  if (iterRange === undefined || accuInit === undefined) return DYN;
  const over = typeOf(iterRange, context);
  if (!fits(over, 'list', 'map'))
    refuse(iterRange, context, `${formatType(over)} cannot be iterated over`);
  const names = new Map(context.names).set(accuVar, typeOf(accuInit, context)).set(iterVar, DYN);
  const types = bodyOf(loop).map((part) => typeOf(part, { ...context, names }));
  return types.at(-1) ?? DYN;
}

function typeOfCall(expr: Expr, call: Call, context: Context): TypeName {
  const { function: name, target, args } = call;
  const special = SPECIAL.get(name);
  if (special !== undefined) return special(args, context);
  const before = target === undefined ? undefined : dottedNameOf(target);
  // `strings.quote(x)` is a function with a dot in its name; there is no `strings` by itself.
  const dotted = before === undefined ? undefined : `${before}.${name}`;
  const isDotted = dotted !== undefined && ENVIRONMENT.funcs.find(dotted) !== undefined;
  const resolved = resolve({
    name: isDotted ? dotted : name,
    target: target === undefined || isDotted ? undefined : typeOf(target, context),
    args: args.map((arg) => typeOf(arg, context)),
  });
  if (!resolved.ok) return refuse(expr, context, resolved.reason);
  const failure = failureOfConstants(expr);
  return failure === undefined ? resolved.type : refuse(expr, context, failure);
}

/** Operators that are part of the language, not functions. */
const SPECIAL: ReadonlyMap<string, (args: readonly Expr[], context: Context) => TypeName> = new Map(
  [
    ['_&&_', typeOfConditions],
    ['_||_', typeOfConditions],
    ['@not_strictly_false', typeOfConditions],
    ['_?_:_', typeOfChoice],
    ['_[_]', typeOfPart],
  ],
);

function typeOfConditions(conditions: readonly Expr[], context: Context): TypeName {
  for (const condition of conditions) {
    const type = typeOf(condition, context);
    if (!fits(type, 'bool'))
      refuse(condition, context, `a condition must be bool, and this is ${formatType(type)}`);
  }
  return 'bool';
}

function typeOfChoice([condition, ...both]: readonly Expr[], context: Context): TypeName {
  if (condition !== undefined) typeOfConditions([condition], context);
  const [yes, no] = both.map((each) => typeOf(each, context));
  return yes !== undefined && yes === no ? yes : DYN;
}

function typeOfPart([container, key]: readonly Expr[], context: Context): TypeName {
  if (container === undefined || key === undefined) return DYN;
  const type = typeOf(container, context);
  typeOf(key, context);
  if (fits(type, 'list', 'map')) return DYN;
  return refuse(container, context, `${formatType(type)} cannot be indexed`);
}

/**
 * Why a call with constant arguments always fails: `duration("5x")`, or `matches` with a pattern that is
 * not a regular expression.
 */
function failureOfConstants(expr: Expr): string | undefined {
  const { exprKind } = expr;
  if (exprKind.case !== 'callExpr') return undefined;
  const call = withoutText(exprKind.value);
  const parts = call.target === undefined ? call.args : [call.target, ...call.args];
  if (!parts.every((part) => part.exprKind.case === 'constExpr')) return undefined;
  const constant: Expr = { ...expr, exprKind: { case: 'callExpr', value: call } };
  resetAllocations(0);
  const result = plan(BOUNDED, constant)();
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
