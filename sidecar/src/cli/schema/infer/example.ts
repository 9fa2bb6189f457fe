import { decode } from '@lastgood/core/formats/decode.ts';
import type { Document, Pointer, Position } from '@lastgood/core/formats/format.ts';
import type { SnapshotFile } from '@lastgood/core/model/snapshot.ts';
import { CREDENTIAL } from '../../../checks/format-value.ts';
import { isMapping, type Mapping } from './dictionary.ts';
import { WrittenFraction } from './kind.ts';
import { typedText } from './typed-text.ts';

/** A number with a fraction or an exponent, as the formats write it. */
const FRACTION = /^[+-]?\d[\d_]*(?:\.\d|[eE][+-]?\d)/;

/** The value of a document, with a `WrittenFraction` for each `1.0`. */
export function exampleOf({ value, locate }: Document, text: string): unknown {
  const lines = text.split(/\r\n|\n|\r/);
  const textAt = ({ line, column }: Position) => lines[line - 1]?.slice(column - 1) ?? '';
  const look = (inner: unknown, pointer: Pointer): unknown => {
    if (Array.isArray(inner)) return inner.map((item, index) => look(item, [...pointer, index]));
    if (isMapping(inner)) return mapped(inner, (each, key) => look(each, [...pointer, key]));
    if (typeof inner !== 'number' || !FRACTION.test(textAt(locate(pointer, 'value')))) return inner;
    return new WrittenFraction();
  };
  return look(value, []);
}

/**
 * The files of a file-per-key volume as one mapping of typed values. What is under the name of a
 * credential is text and nothing else: that it holds only digits today is chance, and nobody's
 * business (P8).
 */
export function exampleOfKeys(files: readonly SnapshotFile[]): Mapping {
  return Object.fromEntries(files.map(({ path, bytes }) => [path, keyOf(path, bytes)]));
}

function keyOf(path: string, bytes: Buffer): unknown {
  const decoded = decode(bytes);
  if (!decoded.ok || CREDENTIAL.test(path)) return '';
  const text = decoded.text.trimEnd();
  const value = typedText(decoded.text);
  return typeof value === 'number' && FRACTION.test(text) ? new WrittenFraction() : value;
}

function mapped(mapping: Mapping, change: (value: unknown, key: string) => unknown): Mapping {
  return Object.fromEntries(
    Object.entries(mapping).map(([key, value]) => [key, change(value, key)]),
  );
}
