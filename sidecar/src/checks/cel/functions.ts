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

let compiled: { readonly pattern: string; readonly regex: RE2JS } | undefined;

/** A loop uses the same pattern in each round, and compiling it takes longer than using it. */
function compilePattern(pattern: string): RE2JS {
  if (compiled?.pattern !== pattern) compiled = { pattern, regex: RE2JS.compile(pattern) };
  return compiled.regex;
}
