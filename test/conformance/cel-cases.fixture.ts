import assert from 'node:assert/strict';
import type { CelInput } from '@bufbuild/cel';
import {
  type SimpleTest,
  SimpleTestSchema,
} from '@bufbuild/cel-spec/cel/expr/conformance/test/simple_pb.js';
import type { Value } from '@bufbuild/cel-spec/cel/expr/value_pb.js';
import { getTestRegistry } from '@bufbuild/cel-spec/testdata/registry.js';
import { getConformanceSuite } from '@bufbuild/cel-spec/testdata/tests.js';
import { toJsonString } from '@bufbuild/protobuf';
import { compileExpression } from '../../sidecar/src/checks/cel/expression.ts';
import { inputOf, shown } from './cel-values.fixture.ts';

/** One case of the CEL specification's own tests. */
export interface Case {
  /** `string/starts_with/basic_true` */
  readonly name: string;
  readonly test: SimpleTest;
}

/** Messages and enums, which a configuration has none of. Times are messages only by their type. */
const PROTOBUF = /TestAllTypes|google\.protobuf\.(?!Duration|Timestamp)/;

/** The cases of a section that can be put to something without messages. */
export function casesOf(section: string): readonly Case[] {
  const suite = getConformanceSuite().suites.find(({ name }) => name === section);
  assert.ok(suite, `the specification has no section ${section}`);
  return suite.suites
    .flatMap((group) =>
      group.tests.map(({ original: test }) => ({
        name: `${section}/${group.name}/${test.name}`,
        test,
      })),
    )
    .filter(
      ({ test }) =>
        !test.checkOnly &&
        !PROTOBUF.test(toJsonString(SimpleTestSchema, test, { registry: getTestRegistry() })),
    );
}

/** What is wrong with how a case comes out; undefined if it is as the specification says. */
export function differenceOf({ test }: Case): string | undefined {
  const values = Object.entries(test.bindings).map(
    ([name, { kind }]) => [name, inputOf(kind.value as Value)] as const,
  );
  const result = resultOf(test.expr, new Map(values));
  if (test.resultMatcher.case === 'evalError')
    return result.startsWith('failure:') ? undefined : `gives ${result}`;
  const expected = expectedOf(test);
  // A case that turns the type check off is one that the type check refuses, and so may we.
  if (result === expected || (test.disableCheck && result.startsWith('failure: refused')))
    return undefined;
  return `gives ${result} and not ${expected}`;
}

function expectedOf({ resultMatcher }: SimpleTest): string {
  const value =
    resultMatcher.case === 'typedResult' ? resultMatcher.value.result : resultMatcher.value;
  if (value === undefined) return resultOf('true');
  const { kind } = value as Value;
  if (kind.case === 'typeValue') return resultOf(kind.value);
  return resultOf('x', new Map([['x', inputOf(value as Value)]]));
}

function resultOf(text: string, variables: ReadonlyMap<string, CelInput> = new Map()): string {
  const compiled = compileExpression(text, [...variables.keys()]);
  if (!compiled.ok) return `failure: refused, ${compiled.issue.args[0]}`;
  return shown(compiled.expression.evaluate(Object.fromEntries(variables)));
}
