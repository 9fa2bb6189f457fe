import type { Issue } from '../model/issue.ts';
import type { Part, Pointer } from '../model/pointer.ts';

/** A position in a text. Both count from 1; a column is a UTF-16 code unit, as in VS Code. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** One value of a file. A JSON file has one, a YAML file may have several. */
export interface Document {
  readonly value: unknown;
  /**
   * The position of a value or its key, or of the nearest ancestor that exists. Positions are only read
   * when this is first called.
   */
  locate(pointer: Pointer, part: Part): Position;
  /** There is no memory to read positions: findings name the file and the pointer alone. */
  readonly withoutPositions?: true;
}

export type Parsed =
  | {
      readonly ok: true;
      readonly documents: readonly Document[];
      /**
       * Some common readers of the format refuse this or read it differently (P11). Warnings, and errors
       * in a strict check.
       */
      readonly warnings?: readonly Issue[];
    }
  | { readonly ok: false; readonly issues: readonly Issue[] };

/** The names that settings use. */
export const FORMAT_NAMES = [
  'yaml',
  'json',
  'jsonc',
  'json5',
  'toml',
  'ini',
  'properties',
  'env',
  'shell',
  'dockerconfigjson',
  'dockercfg',
  'pem',
  'text',
  'binary',
] as const;

/** Names a format of files. docs/validation.md#formats describes each. */
export type FormatName = (typeof FORMAT_NAMES)[number];

/** How to read one kind of file. */
export interface Format {
  readonly name: FormatName;
  /** With the dot, in lower case. */
  readonly extensions: readonly string[];
  /** File names, in lower case, that select it whatever the extension. */
  readonly fileNames?: RegExp;
  /** Never throws. */
  parse(text: string): Parsed;
  /**
   * For a format of which each reader may refuse another part: where the reader that gets furthest refuses
   * a file that `parse` accepted with warnings, as an offset in the text. Undefined if one reads all of it.
   */
  refusedAt?(text: string, bytes: Buffer, warnings: readonly Issue[]): number | undefined;
}

/** Maximum nesting of collections. Recursion over an accepted value needs no other bound. */
export const MAX_DEPTH = 100;
