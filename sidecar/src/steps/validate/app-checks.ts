import { filesOfView } from '@lastgood/core/formats/show-view.ts';
import type { ErrorCode } from '@lastgood/core/model/error-codes.ts';
import type { Finding } from '@lastgood/core/model/finding.ts';
import { quote } from '@lastgood/core/model/quote.ts';
import type { SnapshotFile } from '@lastgood/core/model/snapshot.ts';
import { type CheckResult, mergeResults, NO_FINDINGS } from '../../checks/check-result.ts';
import type { SchemaCheck } from '../../checks/json-schema/schema-check.ts';
import type { TaskResult } from './check-file.ts';
import { checksOfView, type ViewSettings } from './compile-checks.ts';
import type { CheckContext, Task } from './task.ts';

/** The schema of one or more subscribers for a view. */
export interface KeptSchema extends ViewSettings {
  readonly check: SchemaCheck;
  /** Its text, for worker threads. */
  readonly text: Buffer;
  /** Of its subscribers, for people; not each has one. */
  readonly names: readonly (string | undefined)[];
}

/** Runs a task in the context of its checks. Rejects only when it is aborted. */
type Run = (task: Task, context: CheckContext) => Promise<TaskResult>;

/** Findings that say nothing about the content. The app answers later, and may know (P11). */
const UNKNOWN: readonly ErrorCode[] = [
  'LG_INTERNAL',
  'LG_VALIDATE_SCHEMA_FAULT',
  'LG_VALIDATE_TOO_HEAVY',
];

/** Checks files with the schemas of subscribers. Remembers what each of them has accepted last. */
export function createAppChecks(list: () => readonly KeptSchema[]) {
  const accepted = new WeakMap<SchemaCheck, string>();

  const checkOne = async (
    { view, schema, check, text, names }: KeptSchema,
    files: readonly SnapshotFile[],
    context: CheckContext,
    run: Run,
  ): Promise<CheckResult> => {
    const own = filesOfView(files, view);
    const digests = own.map(({ path, sha256, secret }) => [path, sha256, secret]);
    const content = JSON.stringify([view, digests]);
    if (accepted.get(check) === content) return NO_FINDINGS;
    const ofSchema: CheckContext = {
      ...context,
      settings: [],
      checks: checksOfView({ view, schema: check }),
      views: [{ view, schema }],
      schemas: new Map([[schema.path, text]]),
    };
    // Without its own files, the finding names those that there are.
    const task = { files: own.length > 0 ? own : files, active: undefined };
    const { findings, leftOut = 0 } = (await run(task, ofSchema)).own;
    if (findings.length === 0) accepted.set(check, content);
    return { findings: findings.map((finding) => attribute(finding, names)), leftOut };
  };

  return async (files: readonly SnapshotFile[], context: CheckContext, run: Run) => {
    const results: CheckResult[] = [];
    for (const kept of list()) results.push(await checkOne(kept, files, context, run));
    return mergeResults(results);
  };
}

function attribute(finding: Finding, [name, ...others]: KeptSchema['names']): Finding {
  const who = name === undefined ? 'an app' : `the app ${quote(name)}`;
  const more = others.length === 0 ? '' : ` and ${others.length} more`;
  const message = `${finding.message}, by the schema of ${who}${more}`;
  return { ...finding, message, ...(UNKNOWN.includes(finding.code) && { severity: 'warning' }) };
}
