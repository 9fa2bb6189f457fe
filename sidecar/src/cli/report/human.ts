import { formatLocation } from '@lastgood/core/model/finding.ts';
import { excerptOf } from './excerpt.ts';
import {
  countsOf,
  findingsIn,
  formatHint,
  formatObject,
  type Report,
  type ReportedFinding,
  type Style,
} from './report.ts';

/** For a person: each finding with the lines around it, and a summary. */
export function humanReport(report: Report, style: Style): string {
  const findings = findingsIn(report);
  const parts = findings.map(
    (finding, index) => `${findingText(finding, style)}${formatHint(findings, index)}\n`,
  );
  return `${parts.join('')}${summaryOf(report, style)}\n`;
}

function findingText(finding: ReportedFinding, style: Style): string {
  const { location, object, source } = finding;
  const { line, column } = location;
  const excerpt =
    source === undefined || line === undefined
      ? ''
      : excerptOf(source, { line, column: column ?? 1 }, style);
  const from = object?.template === undefined ? '' : `, from ${object.template}`;
  const where =
    object === undefined ? '' : `${style('dim', `  in ${formatObject(object)}${from}`)}\n`;
  return `${headOf(finding, style)}\n${where}${excerpt}`;
}

function headOf(finding: ReportedFinding, style: Style): string {
  const { code, severity, message } = finding;
  const place = style('bold', formatLocation(finding.location));
  const label = severity === 'warning' ? `${style('yellow', 'warning:')} ` : '';
  const look = severity === 'warning' ? 'yellow' : 'red';
  return `${place}: ${label}${message} ${style(look, `[${code}]`)}`;
}

function summaryOf(report: Report, style: Style): string {
  const { errors, warnings, files, affected } = countsOf(report);
  if (errors + warnings === 0) {
    if (report.successMessage !== undefined) return report.successMessage;
    if (files === 0) return 'no files to check';
    return `${plural(files, 'file')} ${files === 1 ? 'is' : 'are'} good`;
  }
  const counted = [
    ...(errors > 0 ? [style('red', plural(errors, 'error'))] : []),
    ...(warnings > 0 ? [style('yellow', plural(warnings, 'warning'))] : []),
  ];
  return `${counted.join(', ')} in ${affected} of ${plural(files, 'file')}`;
}

export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
