import { isMapping, type Mapping } from '@lastgood/core/model/mapping.ts';
import { TaggedValue } from '@lastgood/core/model/tagged-value.ts';

/**
 * Whether a parsed document is a Secret, or has one in it as a template, a list or the values of a
 * chart do. Not what refers to a Secret, nor an ExternalSecret or SealedSecret: they have no values.
 */
export function holdsSecret(document: unknown): boolean {
  const top = withoutTag(document);
  return (isMapping(top) && isSecretKind(top)) || hasInnerSecret(top);
}

function hasInnerSecret(tagged: unknown): boolean {
  const value = withoutTag(tagged);
  if (Array.isArray(value)) return value.some(hasInnerSecret);
  if (!isMapping(value)) return false;
  const hasData = 'data' in value || 'stringData' in value;
  return (hasData && isSecretKind(value)) || Object.values(value).some(hasInnerSecret);
}

function isSecretKind({ kind }: Mapping): boolean {
  return withoutTag(kind) === 'Secret';
}

/** A tag of an app hides no value from kubectl, which leaves it out. */
function withoutTag(value: unknown): unknown {
  return value instanceof TaggedValue ? withoutTag(value.value) : value;
}

/**
 * Whether a text that cannot be parsed may be a Secret: whether it has the word, written in any way.
 * It is better to hide too much: then a finding shows only its location.
 */
export function mayHoldSecret(text: string): boolean {
  return /\bSecret\b/.test(text.includes('\\') ? withoutEscapes(text) : text);
}

/** Escapes in quoted text of YAML and JSON, and a line break that YAML leaves out. */
const ESCAPE = /\\(?:x([0-9a-f]{2})|u([0-9a-f]{4})|U0000([0-9a-f]{4})|\r?\n[ \t]*)/gi;

function withoutEscapes(text: string): string {
  return text.replaceAll(ESCAPE, (_, ...digits: (string | undefined)[]) => {
    const code = digits.slice(0, 3).find((each) => each !== undefined);
    return code === undefined ? '' : String.fromCharCode(Number.parseInt(code, 16));
  });
}
