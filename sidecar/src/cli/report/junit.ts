import { escapeInvisible } from '@lastgood/core/model/escape.ts';
import { formatFinding } from '@lastgood/core/model/finding.ts';
import type { CheckedFile, CheckedInput, Report, ReportedFinding } from './report.ts';

/** For a CI server: JUnit XML, with a suite for each input and a case for each of its files. */
export function junitReport({ inputs }: Report): string {
  const suites = inputs.map(suiteOf).join('');
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="lastgood">\n${suites}</testsuites>\n`;
}

function suiteOf({ name, files }: CheckedInput): string {
  const failures = files.filter(({ findings }) =>
    findings.some(({ severity }) => severity === 'error'),
  ).length;
  const counts = `tests="${files.length}" failures="${failures}"`;
  const cases = files.map((file) => caseOf(name, file)).join('');
  return `  <testsuite name="${escapeXml(name)}" ${counts}>\n${cases}  </testsuite>\n`;
}

/** A case fails once; its text has every error. Its output has the warnings. */
function caseOf(input: string, { name, findings }: CheckedFile): string {
  const head = `    <testcase classname="${escapeXml(input)}" name="${escapeXml(name)}"`;
  if (findings.length === 0) return `${head}/>\n`;
  const { error: errors = [], warning: warnings } = Object.groupBy(
    findings,
    (each) => each.severity,
  );
  const [first] = errors;
  const failure = first
    ? `      <failure type="${first.code}" message="${escapeXml(escapeInvisible(first.message))}">${textOf(errors)}</failure>\n`
    : '';
  const output = warnings ? `      <system-out>${textOf(warnings)}</system-out>\n` : '';
  return `${head}>\n${failure}${output}    </testcase>\n`;
}

function textOf(findings: readonly ReportedFinding[]): string {
  return escapeXml(findings.map(formatFinding).join('\n'));
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\n': '&#10;',
  '\t': '&#9;',
};

/** XML 1.0 cannot contain other control characters, or half of a surrogate pair. */
function escapeXml(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(/[&<>"\n\t]/g, (character) => ENTITIES[character] ?? '')
    .replaceAll(/[\p{Cc}\uFFFE\uFFFF]/gu, '\uFFFD');
}
