import { type JSONVisitor, printParseErrorCode, visit } from 'jsonc-parser';
import type { Issue } from '../model/issue.ts';
import { MAX_DEPTH } from './format.ts';
import { duplicateKey, reservedKey, syntaxIssue, tooDeep } from './syntax-issues.ts';

export interface Scan {
  /** Set if the text is nested too deep; the rest was not scanned. */
  readonly depth: Issue | undefined;
  /** In the order of the text. */
  readonly syntax: readonly Issue[];
  /** Duplicate and reserved keys. */
  readonly keys: readonly Issue[];
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
export function scanJson(text: string, disallowComments: boolean): Scan {
  const scan = { depth: undefined as Issue | undefined, syntax: [], keys: [] };
  try {
    visit(text, visitorOf(text, scan), { disallowComments });
  } catch (thrown) {
    if (thrown !== ENOUGH) throw thrown;
  }
  return scan;
}

interface OpenScan {
  depth: Issue | undefined;
  readonly syntax: Issue[];
  readonly keys: Issue[];
}

function visitorOf(text: string, scan: OpenScan): JSONVisitor {
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
    onObjectProperty: (name, offset) => {
      const issue = issueOfKey(name, offset, open.at(-1) ?? new Set());
      if (issue !== undefined) add(scan.keys, issue);
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

/** `name` is decoded: a reserved key cannot hide behind `\u005f`. */
function issueOfKey(name: string, offset: number, seen: Set<string>): Issue | undefined {
  if (name === '__proto__') return reservedKey(offset);
  if (seen.has(name)) return duplicateKey(name, offset);
  seen.add(name);
  return undefined;
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
