import { type JSONVisitor, printParseErrorCode, visit } from 'jsonc-parser';
import { keepExact, mayHaveLargeIntegers } from '../model/exact-integers.ts';
import type { Issue } from '../model/issue.ts';
import { accepted, refused, refusedAsEmpty } from './document.ts';
import { type Format, MAX_DEPTH, type Parsed } from './format.ts';
import { endOfString, readJsonPositions } from './json-positions.ts';
import { JSON_READERS, parseConstants, withoutConstants, withoutExtras } from './plain-json.ts';
import { refusedByAll } from './readers.ts';
import { duplicateKey, reservedKey, syntaxIssue, tooDeep } from './syntax-issues.ts';
import { findUnclosed, type Grammar } from './unclosed.ts';

/**
 * JSON (RFC 8259). Comments, trailing commas, NaN and Infinity are warnings: some readers accept them
 * (P11). A duplicate key is an issue.
 */
export const json: Format = {
  name: 'json',
  extensions: ['.json'],
  parse: (text) => parse(text, false),
  refusedAt: (_text, _bytes, warnings) => refusedByAll(warnings, JSON_READERS),
};

/** JSON with comments. Trailing commas are a warning: not all programs that read comments accept them. */
export const jsonc: Format = {
  name: 'jsonc',
  extensions: ['.jsonc'],
  parse: (text) => parse(text, true),
};

function parse(text: string, allowsComments: boolean): Parsed {
  const strict = tryParse(text);
  const plain = strict === undefined ? withoutExtras(text, allowsComments) : { text, warnings: [] };
  if (plain.text.trim() === '') return refusedAsEmpty('JSON');
  const { depth, syntax, keys } = scanJson(plain.text);
  if (depth !== undefined) return refused(text, [depth]);
  const parsed = strict ?? (syntax.length > 0 ? undefined : tryParse(plain.text));
  if (parsed === undefined) {
    // VS Code, which reads comments, accepts no NaN.
    const withNumbers = allowsComments ? undefined : parseWithConstants(text);
    const issues = syntax.length > 0 ? withUnclosed(plain.text, syntax) : UNKNOWN;
    return withNumbers ?? refused(text, [...issues, ...keys]);
  }
  if (keys.length > 0) return refused(text, keys);
  const { warnings } = plain;
  return { ...accepted(text, parsed.value, () => readJsonPositions(text).root), warnings };
}

/** Undefined unless only NaN and Infinity are wrong. */
function parseWithConstants(text: string): Parsed | undefined {
  const parsed = parseConstants(text, keepLarge);
  const plain = withoutConstants(text, (constant) => '0'.padEnd(constant.length));
  if (parsed === undefined || plain === undefined) return undefined;
  const { keys } = scanJson(plain.text);
  if (keys.length > 0) return refused(text, keys);
  const { warnings } = plain;
  return { ...accepted(text, parsed.value, () => readJsonPositions(text).root), warnings };
}

/** Of a text without comments, as those that are closed are gone. */
const GRAMMAR: Grammar = { tokens: /\/\*|["{}[\]\n]/g, endOfString };

/** The issues, with what is not closed in place of those where that shows. */
function withUnclosed(text: string, syntax: readonly Issue[]): readonly Issue[] {
  const unclosed = findUnclosed(text, GRAMMAR);
  if (unclosed === undefined) return syntax;
  const end = text.trimEnd().length;
  const shows = ({ at }: Issue) => at > unclosed.at && (at >= end || /[}\]]/.test(text[at] ?? ''));
  const others = syntax.filter((issue) => issue.at !== unclosed.at && !shows(issue));
  return [...others, unclosed].sort((a, b) => a.at - b.at);
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
  UnexpectedEndOfComment: 'a comment is not closed',
  UnexpectedEndOfString: 'a string is not closed on its line',
  UnexpectedEndOfNumber: 'a number ends too early',
  InvalidUnicode: 'a \\u in a string needs four hexadecimal digits',
  InvalidEscapeCharacter: 'unknown escape in a string; write a backslash as \\\\',
  InvalidCharacter: 'a control character in a string must be written as an escape, such as \\n',
};

/** Finds everything wrong with a JSON text, in one pass. */
function scanJson(text: string): Scan {
  const scan: Scan = { syntax: [], keys: [] };
  try {
    visit(text, visitorOf(scan), { disallowComments: false });
  } catch (thrown) {
    if (thrown !== ENOUGH) throw thrown;
  }
  return scan;
}

function visitorOf(scan: Scan): JSONVisitor {
  const open: Set<string>[] = [];
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
    onError: (error, offset) => {
      const message = WORDING[printParseErrorCode(error)];
      add(scan.syntax, syntaxIssue(message ?? 'is not valid JSON', offset));
    },
  };
}

function add(issues: Issue[], issue: Issue): void {
  issues.push(issue);
  if (issues.length === MAX_ISSUES) throw ENOUGH;
}
