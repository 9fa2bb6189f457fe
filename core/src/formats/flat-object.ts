import type { Issue } from '../model/issue.ts';
import { quote } from '../model/quote.ts';
import { accepted, refused } from './document.ts';
import type { Parsed } from './format.ts';
import { nextLine } from './lines.ts';
import { nodeAt, type SourceNode } from './source-node.ts';
import { dialectIssue, duplicateKey, reservedKey } from './syntax-issues.ts';

/** What is wrong with a text, and what only some readers of its format accept (P11). */
export interface Problems {
  readonly issues: Issue[];
  readonly warnings: Issue[];
}

/**
 * What a key that occurs again does: it is refused; the last value counts, with a warning; or the values
 * become a list, with a warning in these words.
 */
export type Repeated = 'refuse' | 'last' | { readonly asList: string };

/** More than are shown, but bounded. */
const MAX_WARNINGS = 1000;

/** Collects the keys of one mapping from a line-based format, each with its offset. */
export class FlatObjectBuilder {
  readonly value: Record<string, unknown> = {};
  readonly node: SourceNode;
  readonly problems: Problems;
  readonly #repeated: Repeated;
  readonly #folded = new Set<string>();
  readonly #fold: (key: string) => string;

  /** @param fold - gives the same text for keys that some reader of the format treats as one */
  constructor(
    repeated: Repeated,
    {
      offset = 0,
      problems = { issues: [], warnings: [] },
      fold = (key) => key,
    }: BuilderOptions = {},
  ) {
    this.node = nodeAt('mapping', offset);
    this.problems = problems;
    this.#repeated = repeated;
    this.#fold = fold;
  }

  add(key: string, keyOffset: number, value: unknown, node: SourceNode): void {
    const located = { ...node, keyOffset };
    const folded = this.#fold(key);
    if (key === '__proto__') this.problems.issues.push(reservedKey(keyOffset));
    else if (this.#folded.has(folded)) this.#repeat(key, value, located);
    else this.#set(key, value, located);
    this.#folded.add(folded);
  }

  addText(key: string, keyOffset: number, value: string, offset: number): void {
    this.add(key, keyOffset, value, nodeAt('scalar', offset));
  }

  /** The object as the one document of its text, unless there are issues. */
  parsed(text: string): Parsed {
    const { issues, warnings } = this.problems;
    if (issues.length > 0) return refused(text, issues, true);
    return {
      ...accepted(text, this.value, () => this.node),
      warnings: warnings.slice(0, MAX_WARNINGS),
    };
  }

  #set(key: string, value: unknown, node: SourceNode): void {
    this.value[key] = value;
    this.node.children.set(key, node);
  }

  #repeat(key: string, value: unknown, node: SourceNode & { keyOffset: number }): void {
    const { issues, warnings } = this.problems;
    const repeated = this.#repeated;
    if (repeated === 'refuse') issues.push(duplicateKey(key, node.keyOffset));
    else if (repeated === 'last') {
      warnings.push(duplicateKey(key, node.keyOffset));
      this.#set(key, value, node);
    } else {
      warnings.push(dialectIssue(repeated.asList, node.keyOffset, quote(key)));
      this.#append(key, value, node);
    }
  }

  #append(key: string, value: unknown, node: SourceNode): void {
    const known = this.node.children.get(key);
    if (known === undefined) {
      // A key that differs by its case has its own value.
      this.#set(key, value, node);
    } else if (known.kind === 'list') {
      (this.value[key] as unknown[]).push(value);
      known.children.set(String(known.children.size), node);
    } else {
      const { offset, keyOffset = offset } = known;
      const list = { ...nodeAt('list', offset), keyOffset };
      list.children.set('0', known).set('1', node);
      this.#set(key, [this.value[key], value], list);
    }
  }
}

interface BuilderOptions {
  readonly offset?: number;
  readonly problems?: Problems;
  readonly fold?: (key: string) => string;
}

/**
 * Reads a text of assignments as one flat object. `read` reads one line or assignment, and returns the
 * offset of the next one, or what is wrong with it.
 */
export function readAssignments(
  text: string,
  repeated: Repeated,
  read: (text: string, offset: number, object: FlatObjectBuilder) => number | Issue,
): Parsed {
  const object = new FlatObjectBuilder(repeated);
  for (let offset = 0; offset < text.length; ) {
    const result = read(text, offset, object);
    if (typeof result !== 'number') object.problems.issues.push(result);
    offset = typeof result === 'number' ? result : nextLine(text, offset);
  }
  return object.parsed(text);
}
