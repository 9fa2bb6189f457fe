import { countsOf, findingsIn, type Report } from './report.ts';

/**
 * For a program. One object, whose keys stay as they are:
 *
 * - `ok`: no finding is an error
 * - `errors`, `warnings`, `files`: how many
 * - `findings`: each with `code`, `severity` (`error` or `warning`), `message` and `file`; where it is
 *   known with `hint`, `line` and `column`; and where it stands in a manifest with `object`: `kind`,
 *   `name`, and where there is one `namespace`, `key` and `template`
 */
export function jsonReport(report: Report): string {
  const { errors, warnings, files } = countsOf(report);
  const findings = findingsIn(report).map(
    ({ code, severity, message, hint, file, line, column, object }) => ({
      code,
      severity,
      message,
      hint,
      file,
      line,
      column,
      object,
    }),
  );
  return `${JSON.stringify({ ok: errors === 0, errors, warnings, files, findings }, null, 2)}\n`;
}
