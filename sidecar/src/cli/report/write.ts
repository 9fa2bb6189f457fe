import type { Style } from './excerpt.ts';
import { githubReport } from './github.ts';
import { humanReport } from './human.ts';
import { jsonReport } from './json.ts';
import { junitReport } from './junit.ts';
import type { Output } from './outputs.ts';
import { countsOf, type Report } from './report.ts';
import { sarifReport } from './sarif.ts';

/** What a report is written with. */
export interface Writing {
  /** How the terminal shows emphasis, if it can. */
  readonly style: Style;
  /** Version of the program. */
  readonly program: string;
}

/** Writes a report in one of the ways that there are. */
export function writeReport(report: Report, output: Output, { style, program }: Writing): string {
  switch (output) {
    case 'human':
      return humanReport(report, style);
    case 'json':
      return jsonReport(report);
    case 'github':
      return githubReport(report);
    case 'sarif':
      return sarifReport(report, program);
    case 'junit':
      return junitReport(report);
  }
}

/** Whether what was found lets it pass; when `strict`, no warning does. */
export function isGood(report: Report, strict: boolean): boolean {
  const { errors, warnings } = countsOf(report);
  return errors === 0 && !(strict && warnings > 0);
}
