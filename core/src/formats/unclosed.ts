import type { Issue } from '../model/issue.ts';
import { matchAt } from './lines.ts';
import { syntaxIssue, unclosedIssue } from './syntax-issues.ts';

/** How a format writes what may contain brackets that count for nothing. */
export interface Grammar {
  /** Global: comments, `/*` of one that is not closed, quotes, brackets and line feeds. */
  readonly tokens: RegExp;
  /** The offset behind the string at an offset; more than the text's length if it is not closed. */
  endOfString(text: string, start: number): number;
  /** Of a string that may go on for lines. */
  isLong?(text: string, start: number): boolean;
  /** Whether a line cannot be in a bracket, so that this one was not closed before. */
  endsBracket?(text: string, lineStart: number, bracket: string): boolean;
}

/** The issue for a quote, bracket or comment that is not closed before an issue; else that issue. */
export function preferUnclosed(issue: Issue, text: string, grammar: Grammar): Issue {
  if (issue.code !== 'LG_VALIDATE_SYNTAX') return issue;
  const unclosed = findUnclosed(text, grammar);
  return unclosed !== undefined && unclosed.at <= issue.at ? unclosed : issue;
}

/**
 * The issue for the quote, bracket or comment of a text that is not closed, at its start; undefined if
 * there is none. In one pass, and only to explain why a parser refuses the text.
 */
export function findUnclosed(text: string, grammar: Grammar): Issue | undefined {
  const tokens = new RegExp(grammar.tokens);
  const brackets = new Brackets(text, grammar);
  for (let found = tokens.exec(text); found !== null; found = tokens.exec(text)) {
    const [token] = found;
    const { index: offset } = found;
    if (token === '"' || token === "'") {
      const end = checkString(text, offset, grammar);
      if (typeof end !== 'number') return end;
      tokens.lastIndex = end;
    } else if (token === '/*') return unclosedIssue(text, offset);
    else if (!brackets.read(token, offset)) break;
  }
  const { unclosed } = brackets;
  return unclosed === undefined ? undefined : unclosedIssue(text, unclosed);
}

const CLOSING: Readonly<Record<string, string>> = { '{': '}', '[': ']' };
const INDENT = /[ \t]*/y;

/** Of several brackets, takes the one that the indentation shows as not closed, as a person does. */
class Brackets {
  readonly #text: string;
  readonly #grammar: Grammar;
  readonly #open: { readonly offset: number; readonly indent: number }[] = [];
  /** Was most likely not closed where another one was. */
  #suspect: number | undefined;
  #indent = 0;
  #lineStart = 0;

  constructor(text: string, grammar: Grammar) {
    this.#text = text;
    this.#grammar = grammar;
  }

  /** False if the innermost bracket must have been closed before, or none is open. */
  read(token: string, offset: number): boolean {
    if (token === '\n') return this.#beginLine(offset + 1);
    if (token === '}' || token === ']') return this.#close(offset);
    if (token === '{' || token === '[') this.#open.push({ offset, indent: this.#indent });
    return true;
  }

  #beginLine(start: number): boolean {
    this.#lineStart = start;
    this.#indent = matchAt(INDENT, this.#text, start)?.[0].length ?? 0;
    const last = this.#open.at(-1);
    if (last === undefined) return true;
    return this.#grammar.endsBracket?.(this.#text, start, this.#text[last.offset] ?? '') !== true;
  }

  #close(offset: number): boolean {
    const last = this.#open.at(-1);
    if (last === undefined) return false;
    if (CLOSING[this.#text[last.offset] ?? ''] !== this.#text[offset]) {
      // If the rest closes all that is open, this one is too many, or should be another one.
      this.#suspect ??= last.offset;
      return true;
    }
    this.#open.pop();
    const isFirst = offset === this.#lineStart + this.#indent;
    // Meant for the bracket around, whose line has its indentation.
    if (isFirst && this.#indent < last.indent && this.#indent === this.#open.at(-1)?.indent)
      this.#suspect ??= last.offset;
    return true;
  }

  /** The offset of the bracket that is not closed, if any is open. */
  get unclosed(): number | undefined {
    const last = this.#open.at(-1);
    return last === undefined ? undefined : (this.#suspect ?? last.offset);
  }
}

/** The offset behind a string, or the issue that it is not closed. */
function checkString(text: string, start: number, grammar: Grammar): number | Issue {
  const end = grammar.endOfString(text, start);
  if (grammar.isLong?.(text, start)) return end > text.length ? unclosedIssue(text, start) : end;
  const content = text.slice(start, end).replaceAll(/\\(?:\r\n|[\s\S])/g, '');
  const isClosed = end <= text.length && !/[\r\n]/.test(content);
  return isClosed ? end : syntaxIssue('a string is not closed on its line', start);
}
