import type { Pointer } from '@lastgood/core/formats/format.ts';
import { valueAt } from '../../settings/issue.ts';
import {
  CREDENTIAL,
  formatPath,
  formatPointerStep,
  formatValueHint,
  MAX_RULE,
  mayHoldPassword,
  quoted,
  truncate,
} from '../format-value.ts';
import type { Violation } from '../violation.ts';
import type { Mistake } from './issue.ts';

/** Says what a schema of code has found in a document. */
export interface IssueWording {
  readonly of: (mistake: Mistake) => Violation;
  /** What the schema threw. */
  readonly thrown: (thrown: unknown) => string;
}

/** For words of which nothing may be told. */
export const NO_WORDS = 'does not match the schema';

/** The wording for a document; for a sealed one, without any word of the schema, which may quote it. */
export function createIssueWording(document: unknown, sealed: boolean): IssueWording {
  return sealed ? sealedWording(document) : openWording(document);
}

function openWording(document: unknown): IssueWording {
  let unspoken: readonly string[] | undefined;
  const speakable = (words: string) => {
    unspoken ??= unspokenIn(document);
    return unspoken.some((text) => words.includes(text)) ? NO_WORDS : tidied(words);
  };
  return {
    of: ({ steps, isKey, words }) => {
      const place = placeOf(document, steps, isKey);
      if (words === undefined) {
        const path = formatPath(steps.slice(0, -1).map(formatPointerStep));
        const key = quoted(String(steps.at(-1)));
        return { ...place, message: `${path}must not have the property ${key}` };
      }
      const said = speakable(words);
      const isMissing = place.pointer.length < steps.length;
      const shown = isMissing ? ' (is missing)' : shownOnce(said, place, document);
      const message = `${formatPath(steps.map(formatPointerStep))}${said}${shown}`;
      return { ...place, message, ...(isMissing ? { missing: String(steps.at(-1)) } : {}) };
    },
    thrown: (thrown) =>
      thrown instanceof Error
        ? `the schema throws: ${speakable(String(thrown.message))}`
        : 'the schema throws',
  };
}

/** Only indexes of lists are shown: any key may be content, also one that the document lacks (P8). */
function sealedWording(document: unknown): IssueWording {
  return {
    of: ({ steps, isKey, words }) => {
      const shown = steps.map((step, index) =>
        isIndex(step, valueAt(document, steps.slice(0, index))) ? step : '*',
      );
      const message =
        words === undefined
          ? `${formatPath(shown.slice(0, -1))}must not have a property that the schema does not name`
          : `${formatPath(shown)}${NO_WORDS}`;
      return { ...placeOf(document, steps, isKey), message };
    },
    thrown: () => 'the schema throws',
  };
}

function isIndex(step: string | number, value: unknown): boolean {
  return Array.isArray(value) && Number(step) in value;
}

type Place = Pick<Violation, 'pointer' | 'part'>;

/** Of what the document lacks, the nearest that it has: a schema may name whatever it likes. */
function placeOf(document: unknown, steps: Pointer, isKey: boolean): Place {
  const firstAbsent = steps.findIndex((step, index) => {
    const value = valueAt(document, steps.slice(0, index));
    return typeof value !== 'object' || value === null || !Object.hasOwn(value, step);
  });
  if (firstAbsent !== -1) return { pointer: steps.slice(0, firstAbsent), part: 'value' };
  return { pointer: steps, part: isKey && steps.length > 0 ? 'key' : 'value' };
}

/** ` (is 128)`, unless the schema's own words end with that. */
function shownOnce(said: string, { pointer, part }: Place, document: unknown): string {
  const value = valueAt(document, pointer);
  if (part === 'key' || (typeof value === 'object' && value !== null)) return '';
  const isSaid = said.replace(/\)$/, '').endsWith(` ${JSON.stringify(value)}`);
  return isSaid ? '' : formatValueHint(value, pointer.at(-1));
}

/** What {@link formatValueHint} would not show, neither may the schema's words quote. */
function unspokenIn(value: unknown, isCredential = false): readonly string[] {
  if (typeof value === 'object' && value !== null)
    return Object.entries(value).flatMap(([key, inner]) =>
      unspokenIn(inner, isCredential || CREDENTIAL.test(key)),
    );
  const text = typeof value === 'string' || typeof value === 'number' ? String(value) : '';
  if (text === '' || !(isCredential || mayHoldPassword(text))) return [];
  return [text, JSON.stringify(text).slice(1, -1)];
}

/** On one line, which no sign in it can forge, and begun and ended as lastgood's own messages are. */
function tidied(words: string): string {
  const line = words.replaceAll(/[\s\p{C}]+/gu, ' ').trim();
  const sentence = line.replace(/^[A-Z](?=[a-z])/, (first) => first.toLowerCase());
  return truncate(sentence.replace(/(?<!\.)\.$/, ''), MAX_RULE);
}
