import { escapeInvisible, maskInvisible } from '@lastgood/core/model/escape.ts';
import { formatLocation } from '@lastgood/core/model/finding.ts';
import {
  countsOf,
  findingsIn,
  formatObject,
  type Report,
  type ReportedFinding,
  type SourceText,
  type Style,
  subjectsOf,
} from './report.ts';

/** For a person: each finding with the lines around it, and a summary. */
export function humanReport(report: Report, style: Style): string {
  const findings = findingsIn(report);
  const parts = findings.map(
    (finding, index) => `${findingText(finding, style)}${hintOf(findings, index)}\n`,
  );
  const footer = parts.length > 0 && report.footer !== undefined ? `${report.footer}\n` : '';
  return `${parts.join('')}${summaryOf(report, style)}\n${footer}`;
}

/** The line with the hint; of neighbours in one file or object with the same hint, only the last has it. */
function hintOf(findings: readonly ReportedFinding[], index: number): string {
  const [finding, next] = findings.slice(index, index + 2);
  const isNext = next?.hint === finding?.hint && subjectOf(next) === subjectOf(finding);
  return finding?.hint === undefined || isNext ? '' : `  hint: ${finding.hint}\n`;
}

function subjectOf(finding: ReportedFinding | undefined): string | undefined {
  const { file } = finding?.location ?? {};
  return finding?.object === undefined ? file : `${file} ${formatObject(finding.object)}`;
}

function findingText(finding: ReportedFinding, style: Style): string {
  const { location, object, source } = finding;
  const { line, column = 1 } = location;
  const excerpt = source && line ? excerptOf(source, { line, column }, style) : '';
  const from = object?.template === undefined ? '' : `, from ${escapeInvisible(object.template)}`;
  const where =
    object === undefined ? '' : `${style('dim', `  in ${formatObject(object)}${from}`)}\n`;
  return `${headOf(finding, style)}\n${where}${excerpt}`;
}

function headOf(finding: ReportedFinding, style: Style): string {
  const { code, severity, message } = finding;
  const place = style('bold', formatLocation(finding.location));
  const label = severity === 'warning' ? `${style('yellow', 'warning:')} ` : '';
  const look = severity === 'warning' ? 'yellow' : 'red';
  return `${place}: ${label}${escapeInvisible(message)} ${style(look, `[${code}]`)}`;
}

function summaryOf(report: Report, style: Style): string {
  const { errors, warnings } = countsOf(report);
  const { files, objects, keys, affected } = subjectsOf(report);
  const all = files + objects;
  if (errors + warnings === 0) {
    if (report.successMessage !== undefined) return report.successMessage;
    if (all === 0) return 'no files to check';
    const withKeys = `${plural(objects, 'object')} (${plural(keys, 'key')})`;
    const good = [
      ...(files > 0 ? [plural(files, 'file')] : []),
      ...(objects > 0 ? [withKeys] : []),
    ];
    return `${good.join(' and ')} ${all === 1 ? 'is' : 'are'} good`;
  }
  const counted = [
    ...(errors > 0 ? [style('red', plural(errors, 'error'))] : []),
    ...(warnings > 0 ? [style('yellow', plural(warnings, 'warning'))] : []),
  ];
  const noun = objects === 0 ? 'file' : 'object';
  const subjects = files > 0 && objects > 0 ? `${all} files and objects` : plural(all, noun);
  return `${counted.join(', ')} in ${affected} of ${subjects}`;
}

export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** A longer line is cut to the part around the column. */
const MAX_WIDTH = 80;

const ELLIPSIS = '…';

/**
 * The line of a place and the line before it, numbered, with a caret under the column. Empty if the
 * line must not be shown or does not exist.
 */
export function excerptOf(
  source: SourceText,
  { line, column }: { readonly line: number; readonly column: number },
  style: Style,
): string {
  const lines = source.text.split(/\r\n|\n|\r/);
  const shown = (number: number) => (source.isSealed(number) ? undefined : lines[number - 1]);
  const at = shown(line);
  if (at === undefined) return '';
  const from = cutBefore(at, column);
  const width = String(line).length;
  const row = (number: string, text: string) =>
    `${style('dim', `  ${number.padStart(width)} |`)} ${text}`.trimEnd();
  const before = shown(line - 1);
  const rows = [
    ...(before === undefined ? [] : [row(String(line - 1), cut(before, from))]),
    row(String(line), cut(at, from)),
    row('', `${indentOf(cut(at, from), column - from)}${style('bold', '^')}`),
  ];
  return rows.map((each) => `${each}\n`).join('');
}

/** How much to cut from the start of a line, so that the column stays visible. */
function cutBefore(line: string, column: number): number {
  if (line.length <= MAX_WIDTH) return 0;
  return Math.max(0, Math.min(column - MAX_WIDTH / 2, line.length - MAX_WIDTH));
}

function cut(line: string, from: number): string {
  // Tabs stay, as the line with the caret repeats them.
  const part = maskInvisible(line, '\t').slice(from, from + MAX_WIDTH);
  const start = from > 0 && part !== '' ? `${ELLIPSIS}${part.slice(1)}` : part;
  return line.length > from + MAX_WIDTH ? `${start.slice(0, -1)}${ELLIPSIS}` : start;
}

function indentOf(line: string, column: number): string {
  return line
    .slice(0, column - 1)
    .replaceAll(/[^\t]/g, ' ')
    .padEnd(column - 1);
}
