import { isAbsolute } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ERRORS, type ErrorCode } from '@lastgood/core/model/error-codes.ts';
import type { Log, ReportingDescriptor, Result } from 'sarif';
import { findingsIn, formatObject, type Report, type ReportedFinding } from './report.ts';

const SCHEMA = 'https://json.schemastore.org/sarif-2.1.0.json';

/** For code scanning: SARIF 2.1.0, with a rule for each error code among the findings. */
export function sarifReport(report: Report, version: string): string {
  const findings = findingsIn(report);
  const codes = [...new Set(findings.map(({ code }) => code))].toSorted();
  const log: Log = {
    $schema: SCHEMA,
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'lastgood', version, rules: codes.map(ruleOf) } },
        columnKind: 'utf16CodeUnits',
        results: findings.map((finding) => resultOf(finding, codes.indexOf(finding.code))),
      },
    ],
  };
  return `${JSON.stringify(log, null, 2)}\n`;
}

function ruleOf(id: ErrorCode): ReportingDescriptor {
  const { message, hint } = ERRORS[id];
  // If the findings have all of the message, the hint describes the rule.
  const text = message === '%s' ? hint : message.replaceAll(/(%[sd])+/g, '…').replaceAll('%%', '%');
  return { id, shortDescription: { text }, help: { text: hint } };
}

function resultOf(finding: ReportedFinding, ruleIndex: number): Result {
  const { code, severity, message, location, object } = finding;
  const { file, line, column } = location;
  // Code scanning ignores a result without a line.
  const region = { startLine: line ?? 1, ...(column === undefined ? {} : { startColumn: column }) };
  const logical = object && { fullyQualifiedName: formatObject(object), kind: 'resource' };
  const physicalLocation = { artifactLocation: { uri: uriOf(file) }, region };
  return {
    ruleId: code,
    ruleIndex,
    level: severity,
    message: { text: message },
    locations: [{ physicalLocation, ...(logical && { logicalLocations: [logical] }) }],
  };
}

function uriOf(file: string): string {
  if (isAbsolute(file)) return pathToFileURL(file).href;
  return file.split('/').map(encodeURIComponent).join('/');
}
