import { EVENT_ID, SCALAR_STYLE } from 'js-yaml';
import type { Issue } from '../model/issue.ts';
import { matchAt } from './lines.ts';
import { dialectIssue, syntaxIssue } from './syntax-issues.ts';
import { LONG_KEY, NO_KEY, NO_SPACE, NO_SPACE_AT_END } from './yaml-dialects.ts';
import { endOf, isCollection, type Node, type Open, startOf } from './yaml-nodes.ts';

const BLANKS = /\s*/y;
/** What may be between a value and a key that is not written. */
const BETWEEN = /[\s,\]}"']*/y;
const COMMENT = /#[^\r\n]*/y;

/** Finds keys that js-yaml accepts, and no other reader or only an older js-yaml. */
export class KeyCheck {
  readonly #text: string;
  /** Behind the last node that is written. */
  #end = 0;
  /** Whether a node that is not written followed. */
  #hasAbsent = false;

  constructor(text: string) {
    this.#text = text;
  }

  /** The issue of the next node, which may be a key of a collection. */
  issueIn(parent: Open | undefined, node: Node): Issue | undefined {
    const issue = parent?.awaitsKey ? this.#issueOfKey(parent.block, node) : undefined;
    const end = endOf(node, this.#text);
    this.#hasAbsent = end === -1;
    this.#end = Math.max(this.#end, end);
    return issue;
  }

  #issueOfKey(isBlock: boolean, key: Node): Issue | undefined {
    const start = startOf(key);
    if (start === -1) return this.#issueOfAbsent(isBlock);
    return isBlock || isCollection(key)
      ? undefined
      : (this.#issueOfLong(start, key) ?? this.#issueOfTight(key));
  }

  /** In brackets, js-yaml 4 accepts it too. */
  #issueOfAbsent(isBlock: boolean): Issue | undefined {
    let at = this.#end;
    // The first colon may be that of the key before, whose value is not written either.
    for (let count = this.#hasAbsent ? 2 : 1; count > 0; count--) {
      const next = this.#skip(BETWEEN, at);
      if (this.#text[next] === '?') return undefined;
      if (this.#text[next] === ':') at = next + 1;
    }
    return isBlock ? syntaxIssue(NO_KEY, at - 1) : dialectIssue(NO_KEY, at - 1);
  }

  /** YAML 1.2 has it, but only js-yaml 5 reads it. */
  #issueOfLong(start: number, key: Node): Issue | undefined {
    const text = this.#text;
    const end = endOf(key, text);
    const colon = this.#skip(BLANKS, end);
    if (text[colon] !== ':' || !/[\r\n]/.test(text.slice(start, colon))) return undefined;
    let before = start - 1;
    while (/\s/.test(text[before] ?? '')) before--;
    return text[before] === '?' ? undefined : dialectIssue(LONG_KEY, start);
  }

  /** PyYAML and Go need a space between the colon of a plain key and an indicator. */
  #issueOfTight(key: Node): Issue | undefined {
    const colon = endOf(key, this.#text);
    if (key.type !== EVENT_ID.SCALAR || key.style !== SCALAR_STYLE.PLAIN) return undefined;
    const next = this.#text[colon] === ':' ? (this.#text[colon + 1] ?? '') : '';
    if (/[[{]/.test(next)) return dialectIssue(NO_SPACE, colon);
    return /[,?\]}]/.test(next) ? dialectIssue(NO_SPACE_AT_END, colon) : undefined;
  }

  /** Behind what a pattern and comments match. */
  #skip(pattern: RegExp, from: number): number {
    let at = from;
    for (;;) {
      at += matchAt(pattern, this.#text, at)?.[0].length ?? 0;
      const comment = matchAt(COMMENT, this.#text, at)?.[0].length ?? 0;
      if (comment === 0) return at;
      at += comment;
    }
  }
}
