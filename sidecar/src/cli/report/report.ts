import type { Finding, Location } from '@lastgood/core/model/finding.ts';

/** The findings in all inputs of a command, for a person or a machine to read. */
export interface Report {
  readonly inputs: readonly CheckedInput[];
  /** The summary for a person if there are no findings; default: the number of good files. */
  readonly successMessage?: string;
}

/** A file, a directory or a stream, by its name on the command line. */
export interface CheckedInput {
  readonly name: string;
  readonly files: readonly CheckedFile[];
}

/** A file, a key of a ConfigMap or Secret, or an object as a whole. */
export interface CheckedFile {
  readonly name: string;
  readonly findings: readonly ReportedFinding[];
}

/** A finding at the place where a person can correct it. Never contains a secret's value (P8). */
export interface ReportedFinding extends Finding {
  /** Its `file` can be opened from the working directory. */
  readonly location: Location;
  readonly object?: ReportedObject;
  /** The text to show around the place; undefined for a secret. */
  readonly source?: SourceText | undefined;
}

/** The Kubernetes object with the finding. */
export interface ReportedObject {
  readonly kind: string;
  readonly name: string;
  readonly namespace: string | undefined;
  readonly key: string | undefined;
  /** The Helm template. */
  readonly template: string | undefined;
}

export interface SourceText {
  readonly text: string;
  /** Whether a line must not be shown. */
  isSealed(line: number): boolean;
}

/** Every finding, by input, then by file, line and column. */
export function findingsIn({ inputs }: Report): readonly ReportedFinding[] {
  return inputs.flatMap(({ files }) => files.flatMap(({ findings }) => findings).toSorted(byPlace));
}

function byPlace({ location: a }: ReportedFinding, { location: b }: ReportedFinding): number {
  if (a.file !== b.file) return a.file < b.file ? -1 : 1;
  return (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0);
}

/** Whether to print the hint of a finding: of findings with the same hint, the last prints it. */
export function isLastWithHint(
  findings: readonly { readonly hint?: string | undefined }[],
  index: number,
): boolean {
  const hint = findings[index]?.hint;
  return hint !== undefined && !findings.slice(index + 1).some((later) => later.hint === hint);
}

export interface Counts {
  readonly errors: number;
  readonly warnings: number;
  readonly files: number;
  /** Files with a finding. */
  readonly affected: number;
}

export function countsOf(report: Report): Counts {
  const findings = findingsIn(report);
  const errors = findings.filter(({ severity }) => severity === 'error').length;
  const files = report.inputs.flatMap((input) => input.files);
  const affected = files.filter((file) => file.findings.length > 0).length;
  return { errors, warnings: findings.length - errors, files: files.length, affected };
}

/** `ConfigMap ml/model, key config.yaml` */
export function formatObject({ kind, name, namespace, key }: ReportedObject): string {
  // With generateName it has none yet.
  const path = name === '' ? '(no name)' : name;
  const object = `${kind} ${namespace === undefined ? path : `${namespace}/${path}`}`;
  return key === undefined ? object : `${object}, key ${key}`;
}
