import type { Style } from './excerpt.ts';
import type { Output } from './flags.ts';
import { githubReport } from './github.ts';
import { humanReport } from './human.ts';
import { jsonReport } from './json.ts';
import { junitReport } from './junit.ts';
import { countsOf, type Report } from './report.ts';
import { sarifReport } from './sarif.ts';

/** What a report needs of the process. */
export interface ReportStyle {
  /** How the terminal shows emphasis, if it can. */
  readonly style: Style;
  /** Version of lastgood. */
  readonly version: string;
}

/** Writes a report in one of its formats. */
export function writeReport(
  report: Report,
  output: Output,
  { style, version }: ReportStyle,
): string {
  switch (output) {
    case 'human':
      return humanReport(report, style);
    case 'json':
      return jsonReport(report);
    case 'github':
      return githubReport(report);
    case 'sarif':
      return sarifReport(report, version);
    case 'junit':
      return junitReport(report);
  }
}

/** `bad` if the report has errors, or with `strict` warnings. */
export function endOfReport(report: Report, strict: boolean): 'good' | 'bad' {
  const { errors, warnings } = countsOf(report);
  return errors > 0 || (strict && warnings > 0) ? 'bad' : 'good';
}
