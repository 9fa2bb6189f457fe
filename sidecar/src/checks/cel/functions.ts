import { type CelEnv, type CelFunc, CelScalar, celEnv, celFunc } from '@bufbuild/cel';
import { strings } from '@bufbuild/cel/ext';
import { RE2JS } from '@bufbuild/re2';
import { LOOP_FUNCTIONS } from './loops.ts';

const { DOUBLE, INT } = CelScalar;

/** The functions of CEL, those of its `strings` extension, and arithmetic with mixed numbers. */
export const ENVIRONMENT: CelEnv = celEnv({
  funcs: [...strings, ...mixedArithmetic(), ...LOOP_FUNCTIONS],
  re2: { compile: compilePattern },
});

/**
 * CEL compares an `int` with a `double` but does not add them. Whether a number in a file is one or
 * the other changes with a digit behind the point, and the rule that worked for 5 would fail for 5.5.
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

let compiled: { readonly pattern: string; readonly regex: RE2JS } | undefined;

/** A loop asks for the same pattern in each round, and to compile it takes longer than to use it. */
function compilePattern(pattern: string): RE2JS {
  if (compiled?.pattern !== pattern) compiled = { pattern, regex: RE2JS.compile(pattern) };
  return compiled.regex;
}
