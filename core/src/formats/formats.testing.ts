import { formatFinding } from '../model/finding.ts';
import type { Format, FormatName, Pointer } from './format.ts';
import { findingOfProblem } from './problem.ts';

/** What a person reads when a text is refused, a line a problem; nothing when it is accepted. */
export function said(format: Format, text: string, secret = false): readonly string[] {
  const parsed = format.parse(text);
  if (parsed.ok) return [];
  return parsed.problems.map((each) => formatFinding(findingOfProblem(each, 'f', secret)));
}

/** The values of a text that is accepted. */
export function valuesOf(format: Format, text: string): readonly unknown[] {
  const parsed = format.parse(text);
  if (!parsed.ok) throw new Error(said(format, text).join('\n'));
  return parsed.documents.map(({ value }) => value);
}

/** Says where a value and its key stand in a text that is accepted: `1:4 key 1:1`. */
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

/** A text that its format refuses, and each line that a person then reads, without the file's name. */
export type BadInput = readonly [format: FormatName, text: string, ...said: string[]];
