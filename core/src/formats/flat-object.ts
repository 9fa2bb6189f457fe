import type { Issue } from '../model/issue.ts';
import { accepted, refused } from './document.ts';
import type { Parsed } from './format.ts';
import { nodeAt, type SourceNode } from './source-node.ts';
import { duplicateKey, reservedKey } from './syntax-issues.ts';

interface FlatObjectOptions {
  /** Gives the same text for keys that the app's parser treats as one. */
  readonly fold?: (key: string) => string;
  /** Collects what is wrong; its own list unless given. */
  readonly issues?: Issue[];
}

/** Collects the keys of one mapping from a line-based format, each with its offset. */
export class FlatObjectBuilder {
  readonly value: Record<string, unknown> = {};
  readonly node: SourceNode;
  readonly issues: Issue[];
  readonly #seen = new Set<string>();
  readonly #fold: (key: string) => string;

  constructor(offset = 0, { fold = (key) => key, issues = [] }: FlatObjectOptions = {}) {
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

/** Reads one line or assignment into the object. Returns the offset of the next one. */
export type ReadAssignment = (text: string, offset: number, object: FlatObjectBuilder) => number;

/** Reads a text of assignments as one flat object. */
export function readAssignments(text: string, read: ReadAssignment): Parsed {
  const object = new FlatObjectBuilder();
  for (let offset = 0; offset < text.length; ) offset = read(text, offset, object);
  return object.parsed(text);
}
