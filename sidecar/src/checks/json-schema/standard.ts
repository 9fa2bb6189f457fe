import { AsyncLocalStorage } from 'node:async_hooks';
import {
  flattenIssue,
  HIDDEN_MESSAGE,
  type IssueWording,
  issueWording,
  type StandardIssue,
  stepsOf,
} from '@lastgood/core/schema/standard-issues.ts';
import type { StandardSchemaV1 } from '@standard-schema/spec';
import { issuesOf, type SchemaCheck, type SchemaResult, schemaFault } from './schema-check.ts';
import { dependsOnTagged } from './tagged.ts';

/**
 * Checks values with a schema module. If it throws or returns a promise, the finding says that the
 * schema is at fault.
 */
export function standardCheck(schema: StandardSchemaV1): SchemaCheck {
  const check = (value: unknown, sealed: boolean) => {
    const wording = issueWording(value, sealed);
    try {
      const validate = () => schema['~standard'].validate(value);
      return resultOf(ignoreUnhandledRejections(validate), value, wording);
    } catch (thrown) {
      return schemaFault(wording.formatThrown(thrown));
    }
  };
  return Object.assign(check, { isModule: true } as const);
}

type Result = ReturnType<StandardSchemaV1['~standard']['validate']>;

function resultOf(result: Result, value: unknown, { issueOf }: IssueWording): SchemaResult {
  if (isPromise(result))
    return schemaFault(
      'the schema returns a promise: one of its checks is asynchronous, or throws',
    );
  if (result.issues === undefined) return { issues: [], value: result.value };
  // A rejection without a reason is still a rejection.
  const issues = result.issues.length > 0 ? result.issues : [{ message: HIDDEN_MESSAGE }];
  const known = issues.filter((issue) => !isUndecided(issue, value));
  return { ...issuesOf(known.flatMap(flattenIssue), issueOf), value: undefined };
}

/** zod's codes of a choice, and of code that may read all of the value. */
const OF_THE_WHOLE: readonly unknown[] = ['invalid_union', 'custom'];

/** It is about a tagged value, or such a value could decide it. */
function isUndecided(issue: StandardIssue, value: unknown): boolean {
  const depends = dependsOnTagged(value, stepsOf(issue));
  return depends === 'on' || (depends === 'around' && OF_THE_WHOLE.includes(issue.code));
}

/** A promise of another library need not be a `Promise`. */
function isPromise(result: Result): result is Promise<StandardSchemaV1.Result<unknown>> {
  return 'then' in result && typeof result.then === 'function';
}

/** Whether the running code belongs to a schema module, or was started by it. */
const ofSchema = new AsyncLocalStorage<boolean>();

/**
 * Runs the code of a schema module. A promise that it drops, as zod does if a check is asynchronous,
 * would end the process if it is rejected. Those are ignored; all others still end the process.
 */
function ignoreUnhandledRejections<Result>(work: () => Result): Result {
  if (!process.listeners('unhandledRejection').includes(onRejection))
    process.on('unhandledRejection', onRejection);
  return ofSchema.run(true, work);
}

function onRejection(reason: unknown): void {
  if (ofSchema.getStore() !== true) throw reason;
}
