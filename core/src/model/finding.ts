import type { ErrorCode } from './error-codes.ts';
import { escapeInvisible } from './escape.ts';

/** A location in a file. Lines and columns count from 1, as in editors. */
export interface Location {
  /** Path inside the snapshot (`config.yaml`, `db/password`), or the path of a settings file. */
  readonly file: string;
  /** Left out if the issue concerns the whole file. */
  readonly line?: number;
  /** In UTF-16 code units, as in VS Code. */
  readonly column?: number;
}

/** An issue with a location in a file. Never shows a secret's value (P8). */
export interface Finding {
  /** Names the kind of issue. The message may change, the code stays. */
  readonly code: ErrorCode;
  /** An `error` rejects the snapshot; a `warning` is shown and lets it pass. */
  readonly severity: 'error' | 'warning';
  /** Lower-case sentence without a full stop: `/inference/batch_size must be <= 64 (is 128)`. */
  readonly message: string;
  /** Left out if the issue has no place in a file. */
  readonly location?: Location;
  /** What the reader can do. */
  readonly hint?: string;
}

/** The answer of a check, a target or a confirmation. */
export type Verdict =
  | { readonly accepted: true; readonly findings: readonly Finding[] }
  | { readonly accepted: false; readonly findings: readonly Finding[] };

/** Accepts unless one of the findings is an error. */
export function verdictOf(findings: readonly Finding[]): Verdict {
  return { accepted: !findings.some((finding) => finding.severity === 'error'), findings };
}

/** Errors, then warnings, each in their order, for readers of the first line only. */
export function errorsFirst(findings: readonly Finding[]): readonly Finding[] {
  const isWarning = ({ severity }: Finding) => Number(severity === 'warning');
  return findings.toSorted((a, b) => isWarning(a) - isWarning(b));
}

/** Orders findings by file, line and column. */
export function byLocation(
  { location: a }: Pick<Finding, 'location'>,
  { location: b }: Pick<Finding, 'location'>,
): number {
  const [one = '', other = ''] = [a?.file, b?.file];
  if (one !== other) return one < other ? -1 : 1;
  return (a?.line ?? 0) - (b?.line ?? 0) || (a?.column ?? 0) - (b?.column ?? 0);
}

/** `config.yaml:12:7`, as far as the location is known, on one line. */
export function formatLocation({ file, line, column }: Location): string {
  const name = escapeInvisible(file);
  if (line === undefined) return name;
  return column === undefined ? `${name}:${line}` : `${name}:${line}:${column}`;
}

/** `config.yaml:12:7: batch_size must be <= 64 (is 128) [LG_VALIDATE_SCHEMA]`, on one line. */
export function formatFinding(finding: Pick<Finding, 'code' | 'message' | 'location'>): string {
  const { code, message, location } = finding;
  const where = location === undefined ? '' : `${formatLocation(location)}: `;
  return `${where}${escapeInvisible(message)} [${code}]`;
}
