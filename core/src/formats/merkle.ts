import { createHash } from 'node:crypto';

/** A longer part is hashed, so that the memory for a collection depends on its length alone. */
const MAX_PART = 64;

interface Open {
  readonly kind: 'list' | 'mapping';
  readonly prefix: string;
  /** Of a mapping, the keys and values in turn. */
  readonly parts: string[];
}

/**
 * Digests nested values from the inside out: a collection is the hash of its parts. So a part that occurs
 * many times is digested once. The order of text keys does not count. Two parts are equal only if their
 * digests are.
 */
export class Merkle {
  readonly #open: Open[] = [{ kind: 'list', prefix: '', parts: [] }];

  /** Whether the next part is the key of a mapping. */
  get awaitsKey(): boolean {
    const inner = this.#open.at(-1);
    return inner?.kind === 'mapping' && inner.parts.length % 2 === 0;
  }

  begin(kind: Open['kind'], prefix = ''): void {
    this.#open.push({ kind, prefix, parts: [] });
  }

  /** @param type - keeps apart values of different types whose text is the same */
  scalar(type: string, text: string): string {
    return this.add(`${type}${text}`);
  }

  /** Adds a part, and returns it as it is kept. */
  add(part: string): string {
    const kept = part.length > MAX_PART ? hashOf(part) : part;
    this.#open.at(-1)?.parts.push(kept);
    return kept;
  }

  /** Ends the collection that was begun last, and returns its digest. */
  end(): string {
    const closed = this.#open.pop();
    if (closed === undefined) throw new RangeError('no collection is open');
    const { kind, prefix, parts } = closed;
    const listed = kind === 'list' ? parts.map(framed) : inOrder(parts);
    const digest = hashOf(`${kind} ${framed(prefix)}${listed.join('')}`);
    return this.#open.length === 0 ? digest : this.add(digest);
  }
}

/** The type of a text, the only keys whose order never counts. */
export const TEXT = 's';

/** Other keys stay in their order: to some programs two of them are the same, and the last one counts. */
function inOrder(parts: readonly string[]): readonly string[] {
  const texts: string[] = [];
  const others: string[] = [];
  for (let index = 0; index < parts.length; index += 2) {
    const [key = '', value = ''] = parts.slice(index, index + 2);
    (key.startsWith(TEXT) ? texts : others).push(framed(key) + framed(value));
  }
  return [...texts.sort(), ...others];
}

/** With its length, so that no part can look like two. */
function framed(part: string): string {
  return `${part.length}:${part}`;
}

function hashOf(text: string): string {
  return `#${createHash('sha256').update(text).digest('base64')}`;
}
