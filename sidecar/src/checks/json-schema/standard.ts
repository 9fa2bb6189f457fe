import type { StandardSchemaV1 } from '@standard-schema/spec';
import { flattenIssue } from './flat-issue.ts';
import { createIssueWording, HIDDEN_MESSAGE, type IssueWording } from './issue-wording.ts';
import { issuesOf, type SchemaCheck, type SchemaResult, schemaFault } from './schema-check.ts';
import { ignoreUnhandledRejections } from './unhandled-rejections.ts';

/**
 * Checks values with a schema module. If it throws or returns a promise, the finding says that the
 * schema is at fault.
 */
export function standardCheck(schema: StandardSchemaV1): SchemaCheck {
  return (value, sealed) => {
    const wording = createIssueWording(value, sealed);
    try {
      const validate = () => schema['~standard'].validate(value);
      return resultOf(ignoreUnhandledRejections(validate), wording);
    } catch (thrown) {
      return schemaFault(wording.formatThrown(thrown));
    }
  };
}

type Result = ReturnType<StandardSchemaV1['~standard']['validate']>;

function resultOf(result: Result, { issueOf }: IssueWording): SchemaResult {
  if (isPromise(result))
    return schemaFault(
      'the schema returns a promise: one of its checks is asynchronous, or throws',
    );
  if (result.issues === undefined) return { issues: [], leftOut: 0, value: result.value };
  // A rejection without a reason is still a rejection.
  const issues = result.issues.length > 0 ? result.issues : [{ message: HIDDEN_MESSAGE }];
  return { ...issuesOf(issues.flatMap(flattenIssue), issueOf), value: undefined };
}

/** A promise of another library need not be a `Promise`. */
function isPromise(result: Result): result is Promise<StandardSchemaV1.Result<unknown>> {
  return 'then' in result && typeof result.then === 'function';
}
