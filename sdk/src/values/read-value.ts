import { type Shown, showView } from '@lastgood/core/formats/show-view.ts';
import { findingOf, reasonOf } from '@lastgood/core/model/error.ts';
import type { Finding } from '@lastgood/core/model/finding.ts';
import type { Issue } from '@lastgood/core/model/issue.ts';
import type { ValuePath } from '@lastgood/core/model/pointer.ts';
import type { VersionFile } from '@lastgood/core/model/snapshot.ts';
import { formatDuration } from '@lastgood/core/model/units.ts';
import {
  flattenIssue,
  HIDDEN_MESSAGE,
  issueWording,
  type StandardIssue,
} from '@lastgood/core/schema/standard-issues.ts';
import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { ViewOptions } from '../config.ts';
import { Timeout, unwrapSchema, validateInTime } from './schema.ts';
import { isSealed, seal } from './secret.ts';
import type { ValueResult } from './value-result.ts';

/** More findings help no reader. */
const MAX_FINDINGS = 100;

/** Each schema of a version has this long. One that checks something over the network may take a while. */
const SCHEMA_TIMEOUT_MS = 10_000;

/** A wrong type in each row of a large table would otherwise take much memory. */
const MAX_ISSUES = 1000;

/**
 * The value of a view in a version. It is not frozen. Each leaf from a secret file is a `Secret` (P8). Never
 * rejects: anything that fails is a finding, also a schema that does not answer in time.
 */
export async function readValue(
  files: readonly VersionFile[],
  view: ViewOptions<StandardSchemaV1 | undefined>,
  timeoutMs = SCHEMA_TIMEOUT_MS,
): Promise<ValueResult> {
  try {
    const shown = showView(files, view);
    if (!shown.ok) return refused(shown.findings);
    if (view.schema === undefined) return { accepted: true, value: shown.sealWith(seal) };
    return await applySchema(shown, view.schema, timeoutMs);
  } catch (thrown) {
    const isSecret = files.some(({ secret }) => secret);
    const reason = isSecret ? 'a view cannot be read' : reasonOf(thrown);
    return refused([findingOf('LG_INTERNAL', [reason])]);
  }
}

async function applySchema(
  shown: Shown,
  schema: StandardSchemaV1,
  timeoutMs: number,
): Promise<ValueResult> {
  const { plain, isSecret } = unwrapSchema(schema);
  const wording = issueWording(shown.plain, isSecret || shown.secret);
  const refuse = (issues: readonly Issue<ValuePath>[]) => refused(issues.map(shown.locate));
  try {
    const { issues, value } = await validateInTime(plain, shown.plain, timeoutMs);
    if (issues !== undefined) return refuse(flatten(issues).map(wording.issueOf));
    const odd = shown.check(value);
    if (odd.length > 0) return refuse(odd);
    if (isSecret) return { accepted: true, value: seal(value) };
    if (shown.secret && !isSealed(value)) return refuse([schemaFault(UNSEALED)]);
    return { accepted: true, value };
  } catch (thrown) {
    if (!(thrown instanceof Timeout)) return refuse([schemaFault(wording.formatThrown(thrown))]);
    return refuse([schemaFault(`the schema does not answer within ${formatDuration(timeoutMs)}`)]);
  }
}

/** Otherwise the type of the view would say `string` where the value is a `Secret`, or a log would show it. */
const UNSEALED = 'the file is secret, and its schema returns plain values: use secret(schema)';

function flatten(issues: readonly StandardIssue[]) {
  // A rejection without a reason is still a rejection.
  const given = issues.length > 0 ? issues : [{ message: HIDDEN_MESSAGE }];
  return given.slice(0, MAX_ISSUES).flatMap(flattenIssue);
}

function schemaFault(message: string): Issue<ValuePath> {
  const at = { pointer: [], part: 'value' } as const;
  return { code: 'LG_VALIDATE_SCHEMA_FAULT', args: [message], at };
}

function refused(findings: readonly Finding[]): ValueResult {
  const more = findings.length - MAX_FINDINGS;
  if (more <= 0) return { accepted: false, findings };
  const shown = findings.slice(0, MAX_FINDINGS);
  return { accepted: false, findings: [...shown, findingOf('LG_VALIDATE_TOO_MANY', [more])] };
}
