import { findingFrom } from '@lastgood/core/model/error.ts';
import type { ErrorCode } from '@lastgood/core/model/error-codes.ts';
import type { Finding } from '@lastgood/core/model/finding.ts';
import type { CheckSettings, RuleSettings, SchemaSettings } from '../../settings/settings.ts';
import { type CommandResult, unusable } from '../command.ts';
import { plural } from '../report/human.ts';
import { filesOnDisk } from '../report/on-disk.ts';
import type { ReportStyle } from '../report/report.ts';
import { writeReport } from '../report/write.ts';
import { chooseBundles } from './choose-bundles.ts';
import type { ValidateRequest } from './flags.ts';

/** With these there is nothing to check. */
const UNUSABLE: readonly ErrorCode[] = ['LG_USAGE', 'LG_SETTINGS_MISSING'];

/** Checks all that could keep a sidecar from starting: a settings file, its schemas and its rules. */
export async function checkSettings(
  config: string,
  request: ValidateRequest,
  style: ReportStyle,
): Promise<CommandResult> {
  const chosen = await chooseBundles(request);
  const bundles = 'bundles' in chosen ? chosen.bundles : [];
  const checks = bundles.flatMap(({ validate }) => validate);
  const schemas = schemasOf(checks);
  const rules = checks.flatMap((check) => ('rules' in check ? check.rules : []));
  const findings =
    'bundles' in chosen
      ? [...(await findingsOfRules(rules)), ...(await findingsOfSchemas(schemas))]
      : chosen.findings;
  if (findings.some(({ code }) => UNUSABLE.includes(code))) return unusable(findings);
  const paths = schemas.map(({ path }) => path);
  // A line of the settings may contain a URL with a password, and is not shown (P8).
  const files = await filesOnDisk([config, ...paths], findings, [config]);
  const counts = { bundle: bundles, check: checks, schema: schemas, rule: rules };
  const successMessage = `${config} is good: ${formatCounts(counts)}`;
  const result = writeReport({ inputs: [{ name: config, files }], successMessage }, request, style);
  const isWrong = findings.some(({ severity }) => severity === 'error');
  return isWrong ? { ...result, end: 'unusable' } : result;
}

/** `2 bundles, 3 checks, 1 schema, 1 rule` */
function formatCounts(counts: Readonly<Record<string, readonly unknown[]>>): string {
  const shown = Object.entries(counts).filter(([, all]) => all.length > 0);
  return shown.map(([noun, all]) => plural(all.length, noun)).join(', ');
}

/** Each file once, with the place that names it first. */
function schemasOf(checks: readonly CheckSettings[]): readonly SchemaSettings[] {
  const named = checks.flatMap((check) => ('schema' in check ? (check.schema ?? []) : []));
  return [...new Map(named.toReversed().map((schema) => [schema.path, schema])).values()];
}

async function findingsOfSchemas(schemas: readonly SchemaSettings[]): Promise<readonly Finding[]> {
  if (schemas.length === 0) return [];
  const { checkSchema } = await import('../../checks/json-schema/check.ts');
  const findings: Finding[] = [];
  // One at a time: each has its own ajv.
  for (const { path, namedAt } of schemas) {
    for (const finding of await checkSchema(path)) {
      // Without a line it is about the whole file, which most likely does not exist.
      const isOfFile = finding.location?.line === undefined;
      findings.push(isOfFile ? { ...finding, location: namedAt } : finding);
    }
  }
  return findings;
}

async function findingsOfRules(rules: readonly RuleSettings[]): Promise<readonly Finding[]> {
  if (rules.length === 0) return [];
  const { compileRule } = await import('../../checks/cel/rules.ts');
  return rules.flatMap((rule) => {
    try {
      compileRule(rule);
      return [];
    } catch (thrown) {
      return [findingFrom(thrown)];
    }
  });
}
