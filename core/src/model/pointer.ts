/** The way from the top of a document to a value: keys of mappings and indexes of lists. */
export type Pointer = readonly (string | number)[];

/** Which end of a pointer's last step is meant. */
export type Part = 'value' | 'key';

/** Where a checker finds something wrong in a parsed document. */
export interface ValuePath {
  readonly pointer: Pointer;
  readonly part: Part;
  /** The key that should be in the mapping at the pointer. */
  readonly missing?: string;
}

/** The value at a pointer; undefined where the document has none. */
export function valueAt(root: unknown, pointer: Pointer): unknown {
  return pointer.reduce<unknown>((value, step) => {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step))
      return undefined;
    // A list also has its own `length`, which is not a value of the document.
    const isLength = Array.isArray(value) && step === 'length';
    return isLength ? undefined : (value as Record<string | number, unknown>)[step];
  }, root);
}

/** The steps of a JSON pointer, `/a/0/b~1c`. Source: RFC 6901. */
export function parsePointer(written: string): readonly string[] {
  return written
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
}
