import { findingFrom } from '@lastgood/core/model/error.ts';
import type { ErrorCode } from '@lastgood/core/model/error-codes.ts';
import type { Finding } from '@lastgood/core/model/finding.ts';
import type {
  BundleSettings,
  CheckSettings,
  RuleSettings,
  SchemaSettings,
} from '../../settings/settings.ts';
import { type CommandResult, unusable } from '../command.ts';
import { plural } from '../report/human.ts';
import { filesOnDisk } from '../report/on-disk.ts';
import { endOfReport, type ReportStyle, writeReport } from '../report/write.ts';
import { chooseBundles } from './choose-bundles.ts';
import type { ValidateRequest } from './flags.ts';

/** The part of the request that applies to the settings. */
type SettingsRequest = Pick<ValidateRequest, 'bundle' | 'strict' | 'output'> & {
  readonly config: string;
};

/** With these there is nothing to check. */
const UNUSABLE: readonly ErrorCode[] = ['LG_USAGE', 'LG_SETTINGS_MISSING'];

/** Checks all that could keep a sidecar from starting: a settings file, its schemas and its rules. */
export async function checkSettings(
  { config, bundle, strict, output }: SettingsRequest,
  style: ReportStyle,
): Promise<CommandResult> {
  const chosen = await chooseBundles({ config, bundle, at: undefined });
  const bundles = chosen.ok ? chosen.bundles : [];
  const findings = chosen.ok ? await findingsIn(bundles) : chosen.findings;
  if (findings.some(({ code }) => UNUSABLE.includes(code))) return unusable(findings);
  const schemas = [...schemasOf(bundles).keys()];
  // A line of the settings may contain a URL with a password, and is not shown (P8).
  const files = await filesOnDisk([config, ...schemas], findings, [config]);
  const report = {
    inputs: [{ name: config, files }],
    successMessage: successMessage(config, bundles),
  };
  return {
    end: endOfReport(report, strict),
    output: writeReport(report, output, style),
    findings: [],
  };
}

async function findingsIn(bundles: readonly BundleSettings[]): Promise<readonly Finding[]> {
  const ofSchemas: Finding[] = [];
  // One at a time: each has its own ajv.
  for (const schema of schemasOf(bundles).values()) ofSchemas.push(...(await ofSchema(schema)));
  const rules = rulesOf(bundles);
  return [...(rules.length === 0 ? [] : await findingsOfRules(rules)), ...ofSchemas];
}

async function ofSchema({ path, namedAt }: SchemaSettings): Promise<readonly Finding[]> {
  const { checkSchema } = await import('../../checks/json-schema/check.ts');
  const findings = await checkSchema(path);
  // Without a line it is about the whole file, which most likely does not exist.
  return findings.map((finding) =>
    finding.location?.line === undefined ? { ...finding, location: namedAt } : finding,
  );
}

async function findingsOfRules(rules: readonly RuleSettings[]): Promise<readonly Finding[]> {
  const { compileRule } = await import('../../checks/cel/compile.ts');
  return rules.flatMap((rule) => {
    try {
      compileRule(rule);
      return [];
    } catch (thrown) {
      return [findingFrom(thrown)];
    }
  });
}

/** Each file once, with the place that names it first. */
function schemasOf(bundles: readonly BundleSettings[]): ReadonlyMap<string, SchemaSettings> {
  const named = checksOf(bundles).flatMap((check) =>
    'schema' in check ? (check.schema ?? []) : [],
  );
  return new Map(named.toReversed().map((schema) => [schema.path, schema]));
}

function rulesOf(bundles: readonly BundleSettings[]): readonly RuleSettings[] {
  return checksOf(bundles).flatMap((check) => ('rules' in check ? check.rules : []));
}

function checksOf(bundles: readonly BundleSettings[]): readonly CheckSettings[] {
  return bundles.flatMap(({ validate }) => validate);
}

/** `lastgood.yaml is good: 2 bundles, 3 checks, 1 schema, 1 rule` */
function successMessage(config: string, bundles: readonly BundleSettings[]): string {
  const counts = {
    bundle: bundles.length,
    check: checksOf(bundles).length,
    schema: schemasOf(bundles).size,
    rule: rulesOf(bundles).length,
  };
  const shown = Object.entries(counts).filter(([, count]) => count > 0);
  return `${config} is good: ${shown.map(([noun, count]) => plural(count, noun)).join(', ')}`;
}
