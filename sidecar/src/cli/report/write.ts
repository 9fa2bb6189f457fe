import type { CommandResult, FlagValues } from '../command.ts';
import type { REPORT_FLAGS } from './flags.ts';
import { githubReport } from './github.ts';
import { humanReport } from './human.ts';
import { jsonReport } from './json.ts';
import { junitReport } from './junit.ts';
import { countsOf, type Report, type ReportStyle } from './report.ts';
import { sarifReport } from './sarif.ts';

/** Writes a report. The command ends as `bad` if it has errors, or with `strict` warnings. */
export function writeReport(
  report: Report,
  { strict, output }: FlagValues<typeof REPORT_FLAGS>,
  { style, version }: ReportStyle,
): CommandResult {
  const formats = {
    human: () => humanReport(report, style),
    json: () => jsonReport(report),
    github: () => githubReport(report),
    sarif: () => sarifReport(report, version),
    junit: () => junitReport(report),
  };
  const { errors, warnings } = countsOf(report);
  const isBad = errors > 0 || (strict && warnings > 0);
  return { end: isBad ? 'bad' : 'good', output: formats[output](), findings: [] };
}
