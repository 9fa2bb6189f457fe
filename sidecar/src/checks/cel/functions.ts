import { type CelEnv, type CelFunc, CelScalar, celEnv, celFunc } from '@bufbuild/cel';
import { strings } from '@bufbuild/cel/ext';
import { suggestion } from '../../settings/did-you-mean.ts';
import { boundAllocations } from './allocations.ts';
import { LOOP_FUNCTIONS } from './loops.ts';
import { compilePattern } from './patterns.ts';

const { DOUBLE, INT } = CelScalar;

/** The functions of CEL, those of its `strings` extension, and arithmetic with mixed numbers. */
export const ENVIRONMENT: CelEnv = celEnv({
  funcs: [...strings, ...mixedArithmetic(), ...LOOP_FUNCTIONS],
  re2: { compile: compilePattern },
});

/** The same, for rules that run: none makes more than it may. */
export const BOUNDED: CelEnv = boundAllocations(ENVIRONMENT);

/**
 * CEL compares an `int` with a `double` but does not add them. In a file, 5 is one and 5.5 the other, and
 * a rule must work for both.
 */
function mixedArithmetic(): CelFunc[] {
  const operators: Record<string, (a: number, b: number) => number> = {
    '_+_': (a, b) => a + b,
    '_-_': (a, b) => a - b,
    '_*_': (a, b) => a * b,
    '_/_': (a, b) => a / b,
  };
  return Object.entries(operators).flatMap(([name, operate]) => [
    celFunc(name, [INT, DOUBLE], DOUBLE, (a, b) => operate(Number(a), b)),
    celFunc(name, [DOUBLE, INT], DOUBLE, (a, b) => operate(a, Number(b))),
  ]);
}

/**
 * The name of a type, such as `int`, or alternatives, such as `double|int`; {@link DYN} if the type is
 * known only when the rule runs.
 */
export type TypeName = string;

export const DYN: TypeName = 'dyn';

/** A call as far as its types are known. */
export interface TypedCall {
  readonly name: string;
  /** The type before the dot; undefined if there is no dot. */
  readonly target: TypeName | undefined;
  readonly args: readonly TypeName[];
}

/** Macros of the language; with other arguments the parser takes them for functions. */
const MACROS: ReadonlyMap<string, string> = new Map([
  ['has', 'a field, as in has(self.port)'],
  ['all', 'a name and a condition, as in all(x, x > 0)'],
  ['exists', 'a name and a condition, as in exists(x, x > 0)'],
  ['exists_one', 'a name and a condition, as in exists_one(x, x > 0)'],
  ['map', 'a name and an expression, as in map(x, x + 1)'],
  ['filter', 'a name and a condition, as in filter(x, x > 0)'],
]);

/** The type of the result of a call, or why the call is not possible. */
export type Resolved =
  | { readonly ok: true; readonly type: TypeName }
  | { readonly ok: false; readonly reason: string };

/** Finds the overloads that a call may use. */
export function resolve(call: TypedCall): Resolved {
  const named = [...(ENVIRONMENT.funcs.find(call.name) ?? [])];
  if (named.length === 0) return { ok: false, reason: unknownFunction(call.name) };
  const results = named.filter((each) => takes(each, call)).map(({ result }) => result.name);
  if (results.length === 0) return { ok: false, reason: noOverload(call) };
  return { ok: true, type: results.includes(DYN) ? DYN : [...new Set(results)].sort().join('|') };
}

/** The message for a call with values of these types. */
export function noOverload({ name, target, args }: TypedCall): string {
  const types = args.map(formatType);
  if (isOperator(name))
    return `"${name.replaceAll(/[_@]/g, '')}" does not take ${types.join(' and ')}`;
  const before = target === undefined ? '' : `${formatType(target)}.`;
  return `there is no ${before}${name}(${types.join(', ')})`;
}

/** A type as messages name it. */
export function formatType(type: TypeName): string {
  if (type === DYN) return 'any';
  return type
    .replaceAll('_type', '')
    .replaceAll('google.protobuf.', '')
    .replaceAll('|', ' or ')
    .toLowerCase();
}

function takes({ target, arguments: taken }: CelFunc, call: TypedCall): boolean {
  if ((target === undefined) !== (call.target === undefined)) return false;
  if (target !== undefined && !fits(call.target ?? DYN, target.name)) return false;
  return (
    taken.length === call.args.length &&
    taken.every(({ name }, index) => fits(call.args[index] ?? DYN, name))
  );
}

/** Whether a value of a type may have one of the wanted types. */
export function fits(type: TypeName, ...wanted: readonly TypeName[]): boolean {
  if (type === DYN || wanted.includes(DYN)) return true;
  return type.split('|').some((each) => wanted.includes(each));
}

function unknownFunction(name: string): string {
  const taken = MACROS.get(name);
  if (taken !== undefined) return `${name}() takes ${taken}`;
  const known = [...ENVIRONMENT.funcs].map((each) => each.name).filter((each) => !isOperator(each));
  return `unknown function "${name}"${suggestion(name, [...known, ...MACROS.keys()])}`;
}

function isOperator(name: string): boolean {
  return !/^[a-z]/i.test(name);
}
