import { escapeInvisible } from '@lastgood/core/model/escape.ts';
import { findingsIn, type Report, type ReportedFinding } from './report.ts';

/** For GitHub Actions: a workflow command per finding, shown in the pull request at its line. */
export function githubReport(report: Report): string {
  return findingsIn(report)
    .map((finding) => `${commandOf(finding)}\n`)
    .join('');
}

function commandOf({ severity, code, message, hint, location }: ReportedFinding): string {
  const { file, line, column } = location;
  const properties = { file, line, col: column, title: code };
  const written = Object.entries(properties)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${escapeProperty(String(value))}`);
  const shown = escapeInvisible(message);
  const text = hint === undefined ? shown : `${shown}\nhint: ${hint}`;
  return `::${severity} ${written.join(',')}::${escapeData(text)}`;
}

/** Source: actions/toolkit, packages/core, command.ts. */
function escapeData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
