import { EVENT_ID, type Event, getScalarValue, type ScalarEvent, YAMLException } from 'js-yaml';
import type { SyntaxIssue } from './format.ts';
import { quoted, shortened } from './quote.ts';
import { reservedKey, syntax, tooDeep } from './syntax-issue.ts';
import { RESERVED_KEY_REASON } from './yaml-schema.ts';
import { COMPLEX_KEY } from './yaml-strict.ts';

/**
 * js-yaml's reasons that quote nothing of the content, and how they are shown. One that is not here
 * is taken for a quote, so that a new release of js-yaml can never tell a secret (P8).
 */
const REASONS: Readonly<Record<string, string>> = {
  'deficient indentation': 'indented too little, or a quote or bracket above is not closed',
  'tab characters must not be used in indentation':
    'tab characters must not be used in indentation',
  'bad indentation of a mapping entry': 'bad indentation of a mapping entry',
  'bad indentation of a sequence entry': 'bad indentation of a list entry',
  'end of the stream or a document separator is expected':
    'does not fit what stands above it: a key without ": ", or a list beside a mapping',
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
  'unknown escape sequence': 'unknown escape sequence; single quotes take a backslash as it is',
  'expected hexadecimal character': 'an escape sequence needs more hexadecimal digits',
  'expected valid JSON character': 'control characters are not allowed in quotes',
  'the stream contains non-printable characters': 'control characters are not allowed',
  'null byte is not allowed in input': 'holds a null byte; it may be a binary file',
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

/** js-yaml's reasons that end in a quote, and what comes before it. */
const QUOTING: readonly (readonly [pattern: RegExp, message: string])[] = [
  [/^unknown (?:scalar|sequence|mapping) tag !<(.*)>$/s, 'unknown tag'],
  [/^unidentified alias (".*")$/s, 'unknown alias'],
  [/^undeclared tag handle (".*")$/s, 'unknown tag handle'],
  [/^cannot resolve a node with !<(.*)> explicit tag$/s, 'the value does not fit its tag'],
];

/** What js-yaml threw, as a problem at an offset of the text. `events` are empty if there are none yet. */
export function problemOf(thrown: unknown, text: string, events: readonly Event[]): SyntaxIssue {
  if (!(thrown instanceof YAMLException)) return syntax('is not valid YAML', 0);
  const { reason } = thrown;
  const offset = thrown.mark?.position ?? 0;
  if (reason === RESERVED_KEY_REASON) return reservedKey(startOfKey(text, offset));
  if (reason === 'duplicated mapping key') return duplicateKey(text, events, offset);
  if (reason.startsWith('nesting exceeded maxDepth')) return tooDeep(offset);
  if (reason.startsWith('merge keys exceeded'))
    return { code: 'LG_VALIDATE_ALIASES', args: ['merge too many keys with <<'], offset };
  return syntaxProblem(reason, text, offset);
}

function syntaxProblem(reason: string, text: string, offset: number): SyntaxIssue {
  const known = REASONS[reason];
  if (known !== undefined) return syntax(`${known}${adviceFor(reason, text, offset)}`, offset);
  for (const [pattern, message] of QUOTING) {
    const quote = pattern.exec(reason)?.[1]?.replace('tag:yaml.org,2002:', '!!');
    if (quote !== undefined) return syntax(message, startOf(offset, message), shortened(quote));
  }
  return syntax('is not valid YAML', offset, shortened(`(${reason})`));
}

/** js-yaml points at the name of an alias, and not at the star before it. */
function startOf(offset: number, message: string): number {
  return message === 'unknown alias' ? offset - 1 : offset;
}

/** js-yaml calls two more mistakes bad indentation, which the next characters tell apart. */
function adviceFor(reason: string, text: string, offset: number): string {
  if (reason !== 'bad indentation of a mapping entry') return '';
  const rest = text.slice(offset, offset + 2);
  if (/^:\s/.test(rest)) return ', or a value that holds ": " and needs quotes';
  if (/^[@`%]/.test(rest)) return ', or a value that starts with @, ` or % and needs quotes';
  // Of `schedule: */15 * * * *` js-yaml sees an alias, and then text.
  const before = text.slice(text.lastIndexOf('\n', offset - 1) + 1, offset);
  if (/\s\*\S*\s+$/.test(before)) return ', or a value that starts with * and needs quotes';
  return ', or text after the end of a value';
}

function duplicateKey(text: string, events: readonly Event[], offset: number): SyntaxIssue {
  const key = events.find((event) => event.type === EVENT_ID.SCALAR && startsAt(event, offset));
  const complaint = { code: 'LG_VALIDATE_DUPLICATE_KEY', args: [] } as const;
  if (key?.type !== EVENT_ID.SCALAR) return { ...complaint, offset: startOfKey(text, offset) };
  const quote = quoted(getScalarValue(text, key));
  return { ...complaint, offset: startOfKey(text, Math.max(key.valueStart, offset)), quote };
}

/** js-yaml points at the tag or the anchor of a key that has one. */
function startsAt({ tagStart, anchorStart, valueStart }: ScalarEvent, offset: number): boolean {
  return [tagStart, anchorStart, valueStart].includes(offset);
}

/** js-yaml points at what is inside the quotes. */
function startOfKey(text: string, offset: number): number {
  return /["']/.test(text[offset - 1] ?? '') ? offset - 1 : offset;
}
