import { type JSONVisitor, printParseErrorCode, visit } from 'jsonc-parser';
import { MAX_DEPTH, type SyntaxIssue } from './format.ts';
import { duplicateKey, reservedKey, syntax, tooDeep } from './syntax-issue.ts';

export interface Scan {
  /** Set if the text is nested too deep; the rest was not looked at. */
  readonly depth: SyntaxIssue | undefined;
  /** In the order of the text. */
  readonly syntax: readonly SyntaxIssue[];
  /** Keys that stand twice in their object, or that are reserved. */
  readonly keys: readonly SyntaxIssue[];
}

/** After so many, what follows is the echo of the first ones. */
const MAX_COMPLAINTS = 20;

/** Ends a visit early: the visitor of jsonc-parser has no other way. */
const ENOUGH = Symbol('enough');

/** What the errors of jsonc-parser mean, without its `ParseErrorCode` names. */
const WORDING: Readonly<Record<string, string>> = {
  InvalidSymbol: 'unexpected text; strings stand in double quotes',
  InvalidNumberFormat: 'not a number that JSON knows',
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

/** Looks for everything that is wrong with a JSON text, in one pass. */
export function scanJson(text: string, disallowComments: boolean): Scan {
  const scan = { depth: undefined as SyntaxIssue | undefined, syntax: [], keys: [] };
  try {
    visit(text, visitorOf(text, scan), { disallowComments });
  } catch (thrown) {
    if (thrown !== ENOUGH) throw thrown;
  }
  return scan;
}

interface OpenScan {
  depth: SyntaxIssue | undefined;
  readonly syntax: SyntaxIssue[];
  readonly keys: SyntaxIssue[];
}

function visitorOf(text: string, scan: OpenScan): JSONVisitor {
  const open: Set<string>[] = [];
  let comma = -1;
  const begin = (offset: number) => {
    // The parser recurses once a level: beyond the bound it must not go on.
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
      const complaint = complaintOfKey(name, offset, open.at(-1) ?? new Set());
      if (complaint !== undefined) add(scan.keys, complaint);
    },
    onSeparator: (character, offset) => {
      if (character === ',') comma = offset;
    },
    onError: (error, offset) => {
      const trailing = isTrailingComma(text, comma, offset);
      const message = trailing ? 'trailing comma' : WORDING[printParseErrorCode(error)];
      add(scan.syntax, syntax(message ?? 'is not valid JSON', trailing ? comma : offset));
    },
  };
}

/** `name` is decoded: a reserved key cannot hide behind `\u005f`. */
function complaintOfKey(name: string, offset: number, seen: Set<string>): SyntaxIssue | undefined {
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

function add(complaints: SyntaxIssue[], complaint: SyntaxIssue): void {
  complaints.push(complaint);
  if (complaints.length === MAX_COMPLAINTS) throw ENOUGH;
}
