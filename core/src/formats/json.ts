import { type JSONVisitor, printParseErrorCode, stripComments, visit } from 'jsonc-parser';
import { keepExact, mayHaveLargeIntegers } from '../model/exact-integers.ts';
import type { Issue } from '../model/issue.ts';
import { accepted, refused, refusedAsEmpty } from './document.ts';
import { type Format, MAX_DEPTH, type Parsed } from './format.ts';
import { readJsonPositions } from './json-positions.ts';
import { duplicateKey, reservedKey, syntaxIssue, tooDeep } from './syntax-issues.ts';

/** Strict JSON (RFC 8259): no comments, no trailing commas. A duplicate key is an issue too. */
export const json: Format = {
  name: 'json',
  extensions: ['.json'],
  parse: (text) => parse(text, text),
};

/** JSON with comments. Trailing commas are refused: not all programs that read comments accept them. */
export const jsonc: Format = {
  name: 'jsonc',
  extensions: ['.jsonc'],
  parse: (text) => parse(text, stripComments(text, ' ')),
};

/** @param plain - the text with each allowed comment replaced by blanks */
function parse(text: string, plain: string): Parsed {
  if (plain.trim() === '') return refusedAsEmpty('JSON');
  const hasComments = plain !== text;
  const { depth, syntax, keys } = scanJson(text, !hasComments);
  if (depth !== undefined) return refused(text, [depth]);
  // If a comment is not closed, the text without comments may still be JSON.
  const parsed = hasComments && syntax.length > 0 ? undefined : tryParse(plain);
  if (parsed === undefined)
    return refused(text, [...(syntax.length > 0 ? syntax : UNKNOWN), ...keys]);
  if (keys.length > 0) return refused(text, keys);
  return accepted(text, parsed.value, () => readJsonPositions(text).root);
}

/** JSON.parse alone decides what is JSON; its message quotes the content, so it is not shown. */
const UNKNOWN: readonly Issue[] = [syntaxIssue('is not valid JSON', 0)];

/** As a reviver it sees each number as it is written, which takes three times as long. */
function keepLarge(
  this: object,
  key: string,
  value: unknown,
  context?: { readonly source?: string },
): unknown {
  const source = context?.source ?? '';
  const isLarge = typeof value === 'number' && /^-?\d{16,400}$/.test(source);
  return isLarge ? keepExact(this, key, BigInt(source)) : value;
}

function tryParse(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: mayHaveLargeIntegers(text) ? JSON.parse(text, keepLarge) : JSON.parse(text) };
  } catch {
    return undefined;
  }
}

interface Scan {
  /** Set if the text is nested too deep; the rest was not scanned. */
  depth?: Issue;
  readonly syntax: Issue[];
  /** Duplicate and reserved keys. */
  readonly keys: Issue[];
}

/** After this many, the rest only repeats the first ones. */
const MAX_ISSUES = 20;

/** Ends a visit early: jsonc-parser has no other way. */
const ENOUGH = Symbol('enough');

/** Our words for the errors of jsonc-parser, by the names of its `ParseErrorCode`. */
const WORDING: Readonly<Record<string, string>> = {
  InvalidSymbol: 'unexpected text; strings must be in double quotes',
  InvalidNumberFormat: 'is not a JSON number',
  PropertyNameExpected: 'expected a key in double quotes',
  ValueExpected: 'expected a value',
  ColonExpected: 'expected a colon after the key',
  CommaExpected: 'expected a comma',
  CloseBraceExpected: 'expected a closing brace',
  CloseBracketExpected: 'expected a closing bracket',
  EndOfFileExpected: 'unexpected text after the end of the value',
  InvalidCommentToken: 'comments are not allowed in JSON',
  UnexpectedEndOfComment: 'a comment is not closed',
  UnexpectedEndOfString: 'a string is not closed on its line',
  UnexpectedEndOfNumber: 'a number ends too early',
  InvalidUnicode: 'a \\u in a string needs four hexadecimal digits',
  InvalidEscapeCharacter: 'unknown escape in a string; write a backslash as \\\\',
  InvalidCharacter: 'a control character in a string must be written as an escape, such as \\n',
};

/** Finds everything wrong with a JSON text, in one pass. */
function scanJson(text: string, disallowComments: boolean): Scan {
  const scan: Scan = { syntax: [], keys: [] };
  try {
    visit(text, visitorOf(text, scan), { disallowComments });
  } catch (thrown) {
    if (thrown !== ENOUGH) throw thrown;
  }
  return scan;
}

function visitorOf(text: string, scan: Scan): JSONVisitor {
  const open: Set<string>[] = [];
  let comma = -1;
  const begin = (offset: number) => {
    // The parser recurses for each level, so it must stop at the bound.
    if (open.length === MAX_DEPTH) {
      scan.depth = tooDeep(offset);
      throw ENOUGH;
    }
    open.push(new Set());
  };
  const end = () => void open.pop();
  return {
    onObjectBegin: begin,
    onArrayBegin: begin,
    onObjectEnd: end,
    onArrayEnd: end,
    // The name is decoded: a reserved key cannot hide behind `\u005f`.
    onObjectProperty: (name, offset) => {
      const seen = open.at(-1);
      if (name === '__proto__') add(scan.keys, reservedKey(offset));
      else if (seen?.has(name)) add(scan.keys, duplicateKey(name, offset));
      seen?.add(name);
    },
    onSeparator: (character, offset) => {
      if (character === ',') comma = offset;
    },
    onError: (error, offset) => {
      const trailing = isTrailingComma(text, comma, offset);
      const message = trailing ? 'trailing comma' : WORDING[printParseErrorCode(error)];
      add(scan.syntax, syntaxIssue(message ?? 'is not valid JSON', trailing ? comma : offset));
    },
  };
}

/** The parser finds a bracket where it expected an entry, and only space since the last comma. */
function isTrailingComma(text: string, comma: number, offset: number): boolean {
  const found = text[offset];
  return comma >= 0 && (found === '}' || found === ']') && /^,\s*$/.test(text.slice(comma, offset));
}

function add(issues: Issue[], issue: Issue): void {
  issues.push(issue);
  if (issues.length === MAX_ISSUES) throw ENOUGH;
}
