import { countsOf, findingsIn, type Report } from './report.ts';

/**
 * For a program. One object, with keys that do not change:
 *
 * - `ok`: no finding is an error
 * - `errors`, `warnings`, `files`: their numbers
 * - `findings`: each with `code`, `severity` (`error` or `warning`), `message` and `file`; if known
 *   with `hint`, `line` and `column`; in a manifest with `object`: `kind`, `name`, and if it has
 *   them `namespace`, `key` and `template`
 */
export function jsonReport(report: Report): string {
  const { errors, warnings, files } = countsOf(report);
  const findings = findingsIn(report).map(({ code, severity, message, hint, location, object }) => {
    const { file, line, column } = location;
    return { code, severity, message, hint, file, line, column, object };
  });
  return `${JSON.stringify({ ok: errors === 0, errors, warnings, files, findings }, null, 2)}\n`;
}
