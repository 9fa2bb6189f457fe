import type { StandardSchemaV1 } from '@standard-schema/spec';
import { mistakesOf } from './issue.ts';
import { createIssueWording, type IssueWording, NO_WORDS } from './issue-wording.ts';
import { type Answer, faulty, type SchemaCheck, worded } from './schema-check.ts';
import { ignoreUnhandledRejections } from './unhandled-rejections.ts';

/**
 * Asks a schema that is code. What it does wrong itself, to throw or to answer with a promise, is a
 * finding as well, and says that the schema is at fault.
 */
export function standardCheck(schema: StandardSchemaV1): SchemaCheck {
  return (value, sealed) => {
    const wording = createIssueWording(value, sealed);
    try {
      return answerOf(
        ignoreUnhandledRejections(() => schema['~standard'].validate(value)),
        wording,
      );
    } catch (thrown) {
      return faulty(wording.thrown(thrown));
    }
  };
}

type Result = ReturnType<StandardSchemaV1['~standard']['validate']>;

function answerOf(result: Result, wording: IssueWording): Answer {
  if (isPromise(result))
    return faulty('the schema answers with a promise: a check in it is asynchronous, or throws');
  if (result.issues === undefined) return { violations: [], leftOut: 0, value: result.value };
  // A no without a reason is still a no.
  const issues = result.issues.length > 0 ? result.issues : [{ message: NO_WORDS }];
  const mistakes = issues.flatMap(mistakesOf);
  return { ...worded(mistakes, wording.of), value: undefined };
}

/** A promise of another library need not be a `Promise`. */
function isPromise(result: Result): result is Promise<StandardSchemaV1.Result<unknown>> {
  return 'then' in result && typeof result.then === 'function';
}
