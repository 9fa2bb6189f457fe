import { mergeEdits } from './merge-edits.ts';

/** A part of what an earlier run wrote, which a person has edited since. */
export interface EditedPart {
  /** As inject wrote it. */
  readonly written: unknown;
  readonly edited: unknown;
  /** The text of the person with this value, and with its comments. Undefined: it needs another text. */
  readonly textWith: (value: unknown) => string | undefined;
}

/** The edited parts of a workload, by name. */
export type EditedParts = ReadonlyMap<string, EditedPart>;

/** Adds to a part of what inject writes now what a person has edited in it. */
export type Keep = <Value>(part: string, next: Value) => Value;

/** @param kept - gets the names of what is kept */
export function keepEdits(parts: EditedParts, kept: string[]): Keep {
  return <Value>(name: string, next: Value): Value => {
    const part = parts.get(name);
    if (part === undefined) return next;
    const { written, edited } = part;
    const plain = structuredClone({ written, edited, next });
    return mergeEdits(plain, [name], kept) as Value;
  };
}
