import { EVENT_ID, type Event, getScalarValue, type ScalarEvent, YAMLException } from 'js-yaml';
import type { Issue } from '../model/issue.ts';
import { printable } from '../model/quote.ts';
import { duplicateKey, reservedKey, syntaxIssue, tooDeep } from './syntax-issues.ts';
import { RESERVED_KEY_REASON } from './yaml-schema.ts';

/** Of a key that no plain object can have. */
export const COMPLEX_KEY = 'a key must not be a list or mapping';

/**
 * js-yaml's reasons that quote no content, and our words for them. Any other counts as a quote, so that
 * a new release of js-yaml cannot leak a secret (P8).
 */
const REASONS: Readonly<Record<string, string>> = {
  'deficient indentation': 'indented less than the block around it',
  'tab characters must not be used in indentation':
    'tab characters must not be used in indentation',
  'bad indentation of a mapping entry': 'bad indentation of a mapping entry',
  'bad indentation of a sequence entry': 'bad indentation of a list entry',
  'end of the stream or a document separator is expected':
    'does not fit the lines above: a key without ": ", or a list beside a mapping',
  'can not read a block mapping entry; a multiline key may not be an implicit key':
    'expected ": " after a key',
  "expected ':' after a mapping key": 'expected ": " after a key',
  'a whitespace character is expected after the key-value separator within a block mapping':
    'expected a space after the colon',
  'missed comma between flow collection entries': 'missing comma between entries in brackets',
  "expected the node content, but found ','": 'expected a value, but found a comma',
  'unexpected end of the stream within a flow collection': 'a bracket is not closed',
  'unexpected end of the stream within a single quoted scalar': 'a single quote is not closed',
  'unexpected end of the stream within a double quoted scalar': 'a double quote is not closed',
  'unexpected end of the document within a single quoted scalar': 'a single quote is not closed',
  'unexpected end of the document within a double quoted scalar': 'a double quote is not closed',
  'unknown escape sequence': 'unknown escape sequence; a backslash is literal in single quotes',
  'expected hexadecimal character': 'an escape sequence needs more hexadecimal digits',
  'expected valid JSON character': 'control characters are not allowed in quotes',
  'the stream contains non-printable characters': 'control characters are not allowed',
  'null byte is not allowed in input': 'has a null byte; it may be a binary file',
  'a line break is expected': 'the text of a block must begin on the next line',
  'object-based map does not support complex keys': COMPLEX_KEY,
  'cannot merge mappings; the provided source object is unacceptable':
    'the merge key << needs a mapping or a list of mappings',
  'name of an alias node must contain at least one character':
    'an alias needs a name; put text that starts with * in quotes',
  'name of an anchor node must contain at least one character':
    'an anchor needs a name; put text that starts with & in quotes',
  'duplication of an anchor property': 'a value has two anchors',
  'duplication of a tag property': 'a value has two tags',
  'alias node should not have any properties': 'an alias cannot have an anchor or a tag',
  'directives end mark is expected': 'a line that starts with % must be followed by ---',
};

/** js-yaml's reasons that end in a quote, and our words before it. */
const QUOTING: readonly (readonly [pattern: RegExp, message: string])[] = [
  [/^unidentified alias (".*")$/s, 'unknown alias'],
  [/^tag name cannot contain such characters: (.*)$/s, 'a tag has a character that needs escaping'],
  [/^undeclared tag handle (".*")$/s, 'unknown tag handle'],
  [/^cannot resolve a node with !<(.*)> explicit tag$/s, 'the value does not fit its tag'],
];

/** The issue for an error of js-yaml. `events` are empty if the text could not be read that far. */
export function issueOf(thrown: unknown, text: string, events: readonly Event[]): Issue {
  if (!(thrown instanceof YAMLException)) return syntaxIssue('is not valid YAML', 0);
  const { reason } = thrown;
  const at = thrown.mark?.position ?? 0;
  if (reason === RESERVED_KEY_REASON) return reservedKey(startOfKey(text, at));
  if (reason === 'duplicated mapping key') return duplicateKeyAt(text, events, at);
  if (reason.startsWith('nesting exceeded maxDepth')) return tooDeep(at);
  if (reason.startsWith('merge keys exceeded'))
    return { code: 'LG_VALIDATE_ALIASES', args: ['merge too many keys with <<'], at };
  const known = REASONS[reason];
  if (reason.startsWith('end of the stream or') && text[at] === '%')
    return syntaxIssue('expected ... on a line before a line that starts with %', at);
  if (known !== undefined) return syntaxIssue(`${known}${adviceFor(reason, text, at)}`, at);
  for (const [pattern, message] of QUOTING) {
    const quote = pattern.exec(reason)?.[1]?.replace('tag:yaml.org,2002:', '!!');
    // js-yaml points at the name of an alias, not at the star before it.
    const start = message === 'unknown alias' ? at - 1 : at;
    if (quote === undefined) continue;
    const isOfOther = start !== at && isAnchor(quote, text, events);
    return syntaxIssue(isOfOther ? OTHER_DOCUMENT : message, start, printable(quote));
  }
  return syntaxIssue('is not valid YAML', at, printable(`(${reason})`));
}

const OTHER_DOCUMENT = 'only Go knows the anchors of another document: unknown alias';

function isAnchor(quote: string, text: string, events: readonly Event[]): boolean {
  return events.some(
    (event) =>
      event.type !== EVENT_ID.ALIAS &&
      'anchorStart' in event &&
      quote === `"${text.slice(event.anchorStart, event.anchorEnd)}"`,
  );
}

/** js-yaml also calls other mistakes bad indentation; the characters around tell them apart. */
function adviceFor(reason: string, text: string, offset: number): string {
  if (reason !== 'bad indentation of a mapping entry') return '';
  const rest = text.slice(offset, offset + 2);
  if (/^:\s/.test(rest)) return ', or a value that contains ": " and needs quotes';
  if (/^[@`%]/.test(rest)) return ', or a value that starts with @, ` or % and needs quotes';
  // In `schedule: */15 * * * *` js-yaml sees an alias, then text.
  const before = text.slice(text.lastIndexOf('\n', offset - 1) + 1, offset);
  if (/\s\*\S*\s+$/.test(before)) return ', or a value that starts with * and needs quotes';
  return ', or text after the end of a value';
}

function duplicateKeyAt(text: string, events: readonly Event[], offset: number): Issue {
  const key = events.find((event) => event.type === EVENT_ID.SCALAR && startsAt(event, offset));
  if (key?.type !== EVENT_ID.SCALAR)
    return { code: 'LG_VALIDATE_DUPLICATE_KEY', args: [], at: startOfKey(text, offset) };
  const at = startOfKey(text, Math.max(key.valueStart, offset));
  return duplicateKey(getScalarValue(text, key), at);
}

/** js-yaml points at the tag or the anchor of a key that has one. */
function startsAt({ tagStart, anchorStart, valueStart }: ScalarEvent, offset: number): boolean {
  return [tagStart, anchorStart, valueStart].includes(offset);
}

/** js-yaml points behind the opening quote. */
function startOfKey(text: string, offset: number): number {
  return /["']/.test(text[offset - 1] ?? '') ? offset - 1 : offset;
}
