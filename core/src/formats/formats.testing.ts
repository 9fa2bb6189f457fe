import { formatFinding } from '../model/finding.ts';
import { locateIssues } from '../model/issue.ts';
import type { Pointer } from '../model/pointer.ts';
import type { Format, FormatName } from './format.ts';
import { createLines } from './lines.ts';

/** The lines that a person reads for a text, one for each issue; none if it is accepted. */
export function said(format: Format, text: string, secret = false): readonly string[] {
  const parsed = format.parse(text);
  if (parsed.ok) return [];
  const findings = locateIssues(parsed.issues, { path: 'f', secret }, createLines(text));
  return findings.map(formatFinding);
}

/** The warnings for a text that is accepted, as lines that a person reads. */
export function warned(format: Format, text: string, secret = false): readonly string[] {
  const parsed = format.parse(text);
  if (!parsed.ok) throw new Error(said(format, text).join('\n'));
  const { warnings = [] } = parsed;
  return locateIssues(warnings, { path: 'f', secret }, createLines(text)).map(formatFinding);
}

/** The issues of a text that is refused, or the warnings for one that is accepted. */
export function findingsIn(format: Format, text: string, secret = false): readonly string[] {
  return format.parse(text).ok ? warned(format, text, secret) : said(format, text, secret);
}

/** The values of a text that is accepted. */
export function valuesOf(format: Format, text: string): readonly unknown[] {
  const parsed = format.parse(text);
  if (!parsed.ok) throw new Error(said(format, text).join('\n'));
  return parsed.documents.map(({ value }) => value);
}

/** Formats the positions of a value and its key in a text that is accepted: `1:4 key 1:1`. */
export function locator(format: Format, text: string, index = 0): (...pointer: Pointer) => string {
  const parsed = format.parse(text);
  if (!parsed.ok) throw new Error(said(format, text).join('\n'));
  const document = parsed.documents[index];
  return (...pointer) => {
    const value = document?.locate(pointer, 'value');
    const key = document?.locate(pointer, 'key');
    return `${value?.line}:${value?.column} key ${key?.line}:${key?.column}`;
  };
}

/** A text that its format refuses or warns about, and the lines that a person reads, without the file's name. */
export type BadInput = readonly [format: FormatName, text: string, ...said: string[]];
