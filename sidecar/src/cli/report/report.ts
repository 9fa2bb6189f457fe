import { escapeInvisible } from '@lastgood/core/model/escape.ts';
import { byLocation, type Finding, type Location } from '@lastgood/core/model/finding.ts';
import type { ManifestObject, ObjectName } from '../manifests/objects.ts';

/** Styles a part of the output for a terminal. */
export type Style = (look: 'bold' | 'dim' | 'red' | 'yellow', text: string) => string;

/** What a report needs of the process. */
export interface ReportStyle {
  /** How the terminal shows emphasis, if it can. */
  readonly style: Style;
  /** Version of lastgood. */
  readonly version: string;
}

/** The findings in all inputs of a command, for a person or a machine to read. */
export interface Report {
  readonly inputs: readonly CheckedInput[];
  /** The summary for a person if there are no findings; default: the number of good files. */
  readonly successMessage?: string;
  /** The last line for a person if there are findings. */
  readonly footer?: string;
}

/** A file, a directory or a stream, by its name on the command line. */
export interface CheckedInput {
  readonly name: string;
  readonly files: readonly CheckedFile[];
}

/** A file, a key of a ConfigMap or Secret, or an object as a whole. */
export interface CheckedFile {
  readonly name: string;
  /** The ConfigMap or Secret that it is a key of, or that it is as a whole. */
  readonly object?: ReportedObject | undefined;
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
export interface ReportedObject extends ObjectName {
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
  return inputs.flatMap(({ files }) =>
    files.flatMap(({ findings }) => findings).toSorted(byLocation),
  );
}

/** The line with the hint of a finding; of findings with the same hint, only the last has it. */
export function formatHint(findings: readonly Finding[], index: number): string {
  const hint = findings[index]?.hint;
  if (hint === undefined || findings.slice(index + 1).some((later) => later.hint === hint))
    return '';
  return `  hint: ${hint}\n`;
}

/** Numbers of findings and of files, where a key of an object counts as a file. */
export function countsOf(report: Report) {
  const findings = findingsIn(report);
  const errors = findings.filter(({ severity }) => severity === 'error').length;
  const files = report.inputs.flatMap((input) => input.files).length;
  return { errors, warnings: findings.length - errors, files };
}

/** What a person counts: files, and objects with all of their keys. `affected` ones have a finding. */
export function subjectsOf({ inputs }: Report) {
  const subjectOf = (file: CheckedFile) =>
    file.object === undefined ? file : formatObject({ ...file.object, key: undefined });
  const subjects = inputs.flatMap(({ files }) => [...Map.groupBy(files, subjectOf).values()]);
  const objects = subjects.filter(([first]) => first?.object !== undefined).length;
  const affected = subjects.filter((parts) => parts.some(({ findings }) => findings.length > 0));
  const keys = subjects.flat().filter(({ object }) => object?.key !== undefined).length;
  return { files: subjects.length - objects, objects, keys, affected: affected.length };
}

/** `ConfigMap ml/model, key config.yaml` */
export function formatObject({ kind, name, namespace, key }: ReportedObject): string {
  // With generateName it has none yet.
  const path = name === '' ? '(no name)' : name;
  const object = `${kind} ${namespace === undefined ? path : `${namespace}/${path}`}`;
  return escapeInvisible(key === undefined ? object : `${object}, key ${key}`);
}

/** An object in the report, or a key of it. */
export function reportedObject(object: ManifestObject, key?: string): ReportedObject {
  const { kind, name, namespace, template } = object;
  return { kind, name, namespace, key, template };
}
