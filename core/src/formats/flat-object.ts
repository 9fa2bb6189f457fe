import type { Issue } from '../model/issue.ts';
import { accepted, refused } from './document.ts';
import type { Parsed } from './format.ts';
import { nextLine } from './lines.ts';
import { nodeAt, type SourceNode } from './source-node.ts';
import { duplicateKey, reservedKey } from './syntax-issues.ts';

/** Collects the keys of one mapping from a line-based format, each with its offset. */
export class FlatObjectBuilder {
  readonly value: Record<string, unknown> = {};
  readonly node: SourceNode;
  readonly issues: Issue[];
  readonly #seen = new Set<string>();
  readonly #fold: (key: string) => string;

  /**
   * @param issues - collects what is wrong
   * @param fold - gives the same text for keys that the app's parser treats as one
   */
  constructor(offset = 0, issues: Issue[] = [], fold = (key: string) => key) {
    this.node = nodeAt('mapping', offset);
    this.#fold = fold;
    this.issues = issues;
  }

  add(key: string, keyOffset: number, value: unknown, node: SourceNode): void {
    const folded = this.#fold(key);
    if (key === '__proto__') this.issues.push(reservedKey(keyOffset));
    else if (this.#seen.has(folded)) this.issues.push(duplicateKey(key, keyOffset));
    else {
      this.#seen.add(folded);
      this.value[key] = value;
      this.node.children.set(key, { ...node, keyOffset });
    }
  }

  addText(key: string, keyOffset: number, value: string, offset: number): void {
    this.add(key, keyOffset, value, nodeAt('scalar', offset));
  }

  /** The object as the one document of its text, unless there are issues. */
  parsed(text: string): Parsed {
    if (this.issues.length > 0) return refused(text, this.issues);
    return accepted(text, this.value, () => this.node);
  }
}

/**
 * Reads a text of assignments as one flat object. `read` reads one line or assignment, and returns the
 * offset of the next one, or what is wrong with it.
 */
export function readAssignments(
  text: string,
  read: (text: string, offset: number, object: FlatObjectBuilder) => number | Issue,
): Parsed {
  const object = new FlatObjectBuilder();
  for (let offset = 0; offset < text.length; ) {
    const result = read(text, offset, object);
    if (typeof result !== 'number') object.issues.push(result);
    offset = typeof result === 'number' ? result : nextLine(text, offset);
  }
  return object.parsed(text);
}
