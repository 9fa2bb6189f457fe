import { formatLocation } from '@lastgood/core/model/finding.ts';
import { excerptOf, type Style } from './excerpt.ts';
import {
  countsOf,
  findingsIn,
  formatObject,
  locationOf,
  type Report,
  type ReportedFinding,
} from './report.ts';

/** For a person: each finding with the lines around it, and one line that sums them up. */
export function humanReport(report: Report, style: Style): string {
  const findings = findingsIn(report);
  const parts = findings.map((finding, index) => {
    // A hint that several share is told once, after the last of them.
    const isShared = findings.slice(index + 1).some(({ hint }) => hint === finding.hint);
    return `${findingText(finding, isShared, style)}\n`;
  });
  return `${parts.join('')}${summaryOf(report, style)}\n`;
}

function findingText(finding: ReportedFinding, isShared: boolean, style: Style): string {
  const { line, column, object, source, hint } = finding;
  const excerpt =
    source === undefined || line === undefined
      ? ''
      : excerptOf(source, { line, column: column ?? 1 }, style);
  const told = hint === undefined || isShared ? '' : `  hint: ${hint}\n`;
  const from = object?.template === undefined ? '' : `, from ${object.template}`;
  const where =
    object === undefined ? '' : `${style('dim', `  in ${formatObject(object)}${from}`)}\n`;
  return `${headOf(finding, style)}\n${where}${excerpt}${told}`;
}

function headOf(finding: ReportedFinding, style: Style): string {
  const { code, severity, message } = finding;
  const place = style('bold', formatLocation(locationOf(finding)));
  const label = severity === 'warning' ? `${style('yellow', 'warning:')} ` : '';
  const look = severity === 'warning' ? 'yellow' : 'red';
  return `${place}: ${label}${message} ${style(look, `[${code}]`)}`;
}

function summaryOf(report: Report, style: Style): string {
  const { errors, warnings, files, affected } = countsOf(report);
  if (errors + warnings === 0) {
    if (report.praise !== undefined) return report.praise;
    if (files === 0) return 'there is no file to check';
    return files === 1 ? '1 file is good' : `${files} files are good`;
  }
  const counted = [
    ...(errors > 0 ? [style('red', plural(errors, 'error'))] : []),
    ...(warnings > 0 ? [style('yellow', plural(warnings, 'warning'))] : []),
  ];
  return `${counted.join(', ')} in ${affected} of ${plural(files, 'file')}`;
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
