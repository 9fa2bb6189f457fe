/**
 * A value with a tag that only the app knows, such as `!secret db`. What it becomes is unknown, so no
 * check may say that it is wrong (P11).
 */
export class TaggedValue {
  /** In full: `!secret`, `tag:yaml.org,2002:timestamp`. */
  readonly tag: string;
  /** As it would be without its tag; text for a scalar. */
  readonly value: unknown;

  constructor(tag: string, value: unknown) {
    this.tag = tag;
    this.value = value;
  }

  /** As a key. */
  toString(): string {
    return String(this.value);
  }
}

/** The JSON pointers of the tagged values in a value. */
export function findTagged(value: unknown): readonly string[] {
  const found: string[] = [];
  const visit = (part: unknown, pointer: string): void => {
    if (part instanceof TaggedValue) found.push(pointer);
    else if (typeof part === 'object' && part !== null)
      for (const [key, inner] of Object.entries(part))
        if (typeof inner === 'object') visit(inner, `${pointer}/${escapeStep(key)}`);
  };
  visit(value, '');
  return found;
}

function escapeStep(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1');
}
