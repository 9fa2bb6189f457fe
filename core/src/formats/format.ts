import type { ErrorCode } from '../model/error-codes.ts';

/** Where something stands in a text. Both count from 1; a column is a UTF-16 code unit, as VS Code has it. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** The way from the top of a document to a value: keys of mappings and indexes of lists. */
export type Pointer = readonly (string | number)[];

/** Which end of a pointer's last step is meant. */
export type Part = 'value' | 'key';

/** One value of a file. JSON has one a file, YAML may have several. */
export interface Document {
  readonly value: unknown;
  /**
   * Where a value or its key stands; of a pointer that leads nowhere, where its nearest existing
   * ancestor stands. Positions cost nothing until this is called.
   */
  locate(pointer: Pointer, part: Part): Position;
  /** There is no memory to look for places: findings name the file and the pointer alone. */
  readonly isPlaceless?: true;
}

/** Why a text is not of its format. */
export interface Problem extends Position {
  readonly code: Extract<ErrorCode, `LG_VALIDATE_${string}`>;
  /** Fill the message of the code; hold nothing of the content. */
  readonly args: readonly unknown[];
  /** What the content says there, such as the name of a key. Not to be shown of a secret (P8). */
  readonly quote?: string;
}

/** A problem while its line is not yet known. */
export type SyntaxIssue = Omit<Problem, keyof Position> & { readonly offset: number };

export type Parsed =
  | { readonly ok: true; readonly documents: readonly Document[] }
  | { readonly ok: false; readonly problems: readonly Problem[] };

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

export type FormatName = (typeof FORMAT_NAMES)[number];

/** How to read one kind of file. */
export interface Format {
  readonly name: FormatName;
  /** With the dot, in lower case. */
  readonly extensions: readonly string[];
  /** File names, in lower case, that say more than their extension. */
  readonly fileNames?: RegExp;
  /** Never throws. */
  parse(text: string): Parsed;
}

/** Collections may be nested so deep. Recursion over a value that was accepted needs no other bound. */
export const MAX_DEPTH = 100;
