import type { StandardSchemaV1 } from '@standard-schema/spec';
import { brokenSchema, type Issue } from '../model/issue.ts';
import { type Pointer, type ValuePath, valueAt } from '../model/pointer.ts';
import { quote } from '../model/quote.ts';
import { truncate } from '../model/truncate.ts';
import {
  CREDENTIAL,
  formatPath,
  formatValueHint,
  MAX_RULE_LENGTH,
  mayContainPassword,
} from './format-value.ts';

/** An issue of a Standard Schema, with the properties that zod and ArkType add. */
export interface StandardIssue extends StandardSchemaV1.Issue {
  /** From zod. */
  readonly code?: unknown;
  /** From zod: the keys that are not allowed. */
  readonly keys?: readonly string[];
  /** From zod: the issues of each alternative. */
  readonly errors?: readonly (readonly StandardIssue[])[];
  /** From ArkType: the message without the path that it starts with. */
  readonly problem?: unknown;
}

/** An issue of a Standard Schema without nested ones. */
interface FlatIssue {
  readonly steps: Pointer;
  /** The key of the last step is wrong, not its value. */
  readonly isKey: boolean;
  /** In the schema's words; undefined for a key that is not allowed. */
  readonly message: string | undefined;
}

/** Flattens an issue: one for each key that zod does not allow, and those of the alternative that fits. */
export function flattenIssue(issue: StandardIssue): readonly FlatIssue[] {
  const steps = stepsOf(issue);
  if (issue.code === 'unrecognized_keys' && Array.isArray(issue.keys))
    return issue.keys.map((key) => ({ steps: [...steps, key], isKey: true, message: undefined }));
  const inner = issuesOfAlternative(issue);
  if (inner.length > 0)
    return inner
      .flatMap(flattenIssue)
      .map((each) => ({ ...each, steps: [...steps, ...each.steps] }));
  return [{ steps, isKey: isOfKey(issue), message: String(issue.problem ?? issue.message) }];
}

export function stepsOf({ path = [] }: StandardIssue): Pointer {
  // Not `path.map`: for ArkType's own kind of list, that makes a longer one.
  const keys = Array.from(path, (step) => (typeof step === 'object' ? step.key : step));
  return keys.map((key) => (typeof key === 'number' ? key : String(key)));
}

/** Of a union, the issues of the only alternative that fits the type of the value. */
function issuesOfAlternative({ code, errors = [] }: StandardIssue): readonly StandardIssue[] {
  if (code !== 'invalid_union') return [];
  const isInside = (issue: StandardIssue) =>
    stepsOf(issue).length > 0 || issue.code === 'unrecognized_keys';
  const fitting = errors.filter((issues) => issues.length > 0 && issues.every(isInside));
  return fitting.length === 1 ? (fitting[0] ?? []) : [];
}

/** zod marks it by the code, valibot by the origin of the last step. */
function isOfKey({ code, path = [] }: StandardIssue): boolean {
  const last = path.at(-1);
  const isOrigin = typeof last === 'object' && 'origin' in last && last.origin === 'key';
  return code === 'invalid_key' || isOrigin;
}

/** Words the issues that a Standard Schema finds in a document. */
export interface IssueWording {
  readonly issueOf: (issue: FlatIssue) => Issue<ValuePath>;
  /** Words what the schema threw. */
  readonly formatThrown: (thrown: unknown) => string;
}

/** In place of a message that must not be shown. */
export const HIDDEN_MESSAGE = 'does not match the schema';

/** @param sealed - the document is secret */
export function issueWording(document: unknown, sealed: boolean): IssueWording {
  return sealed ? sealedWording(document) : openWording(document);
}

/** The wording for a document whose content may be shown. */
function openWording(document: unknown): IssueWording {
  let secrets: readonly string[] | undefined;
  const redact = (message: string) => {
    secrets ??= secretsIn(document);
    return secrets.some((text) => message.includes(text)) ? HIDDEN_MESSAGE : tidy(message);
  };
  return {
    issueOf: ({ steps, isKey, message }) => {
      const at = pathIn(document, steps, isKey);
      if (message === undefined) {
        const words = `must not have the property ${quote(String(steps.at(-1)))}`;
        return brokenSchema(`${formatPath(steps.slice(0, -1))}${words}`, at);
      }
      const rule = redact(message);
      const isMissing = at.pointer.length < steps.length;
      const hint = isMissing ? ' (is missing)' : valueHint(rule, at, document);
      return brokenSchema(`${formatPath(steps)}${rule}${hint}`, {
        ...at,
        ...(isMissing ? { missing: String(steps.at(-1)) } : {}),
      });
    },
    formatThrown: (thrown) =>
      thrown instanceof Error
        ? `the schema throws: ${redact(String(thrown.message))}`
        : 'the schema throws',
  };
}

/**
 * The wording for a sealed document. It shows only indexes of lists: any key may be content, even one that
 * the document lacks, and a message of the schema may quote content (P8).
 */
function sealedWording(document: unknown): IssueWording {
  return {
    issueOf: ({ steps, isKey, message }) => {
      const shown = steps.map((step, index) => {
        const list = valueAt(document, steps.slice(0, index));
        return Array.isArray(list) && Number(step) in list ? step : '*';
      });
      const words =
        message === undefined
          ? `${formatPath(shown.slice(0, -1))}must not have a property that the schema does not name`
          : `${formatPath(shown)}${HIDDEN_MESSAGE}`;
      return brokenSchema(words, pathIn(document, steps, isKey));
    },
    formatThrown: () => 'the schema throws',
  };
}

/** The path to the value, or to its nearest ancestor in the document: a schema may name any path. */
function pathIn(document: unknown, steps: Pointer, isKey: boolean): ValuePath {
  const firstAbsent = steps.findIndex((step, index) => {
    const value = valueAt(document, steps.slice(0, index));
    return typeof value !== 'object' || value === null || !Object.hasOwn(value, step);
  });
  if (firstAbsent !== -1) return { pointer: steps.slice(0, firstAbsent), part: 'value' };
  return { pointer: steps, part: isKey && steps.length > 0 ? 'key' : 'value' };
}

/** ` (is 128)`, unless the message of the schema ends with it. */
function valueHint(message: string, { pointer, part }: ValuePath, document: unknown): string {
  const value = valueAt(document, pointer);
  if (part === 'key' || (typeof value === 'object' && value !== null)) return '';
  const isShown = message.replace(/\)$/, '').endsWith(` ${JSON.stringify(value)}`);
  return isShown ? '' : formatValueHint(value, pointer.at(-1));
}

/** The values that {@link formatValueHint} hides; the message of the schema must not quote them either. */
function secretsIn(value: unknown, isCredential = false): readonly string[] {
  if (typeof value === 'object' && value !== null)
    return Object.entries(value).flatMap(([key, inner]) =>
      secretsIn(inner, isCredential || CREDENTIAL.test(key)),
    );
  const text = typeof value === 'string' || typeof value === 'number' ? String(value) : '';
  if (text === '' || !(isCredential || mayContainPassword(text))) return [];
  return [text, JSON.stringify(text).slice(1, -1)];
}

/** On one line, and with the start and end of lastgood's own messages. */
function tidy(message: string): string {
  const line = message.replaceAll(/[\s\p{C}]+/gu, ' ').trim();
  const sentence = line.replace(/^[A-Z](?=[a-z])/, (first) => first.toLowerCase());
  return truncate(sentence.replace(/(?<!\.)\.$/, ''), MAX_RULE_LENGTH);
}
