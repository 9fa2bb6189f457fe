import { decode } from '@lastgood/core/formats/decode.ts';
import type { Document, Position } from '@lastgood/core/formats/format.ts';
import { isMapping, type Mapping } from '@lastgood/core/model/mapping.ts';
import type { Pointer } from '@lastgood/core/model/pointer.ts';
import type { SnapshotFile } from '@lastgood/core/model/snapshot.ts';
import { CREDENTIAL } from '../../../checks/format-value.ts';
import { WRITTEN_FRACTION } from './infer-schema.ts';

/** A number with a fraction or an exponent, as the formats write it. */
const FRACTION = /^[+-]?\d[\d_]*(?:\.\d|[eE][+-]?\d)/;

/** A number as in JSON, so that one with a leading zero, such as a code or a mode, stays text. */
const NUMBER = /^-?(?:0|[1-9]\d*)(\.\d+)?(?:[eE][+-]?\d+)?$/;

/** The value of a document, with a `WRITTEN_FRACTION` for each `1.0`. */
export function exampleOf({ value, locate }: Document, text: string): unknown {
  const lines = text.split(/\r\n|\n|\r/);
  const textAt = ({ line, column }: Position) => lines[line - 1]?.slice(column - 1) ?? '';
  const markFractions = (inner: unknown, pointer: Pointer): unknown => {
    if (Array.isArray(inner))
      return inner.map((item, index) => markFractions(item, [...pointer, index]));
    if (isMapping(inner))
      return Object.fromEntries(
        Object.entries(inner).map(([key, each]) => [key, markFractions(each, [...pointer, key])]),
      );
    if (typeof inner !== 'number' || !FRACTION.test(textAt(locate(pointer, 'value')))) return inner;
    return WRITTEN_FRACTION;
  };
  return markFractions(value, []);
}

/**
 * The files of a file-per-key volume as one mapping of typed values: `32` is a number, `true` a
 * boolean. What is under the name of a credential is always text, even if it is all digits today
 * (P8).
 */
export function exampleOfKeys(files: readonly SnapshotFile[]): Mapping {
  return Object.fromEntries(files.map(({ path, bytes }) => [path, valueOfKey(path, bytes)]));
}

function valueOfKey(path: string, bytes: Buffer): unknown {
  const decoded = decode(bytes);
  if (!decoded.ok || CREDENTIAL.test(path)) return '';
  const text = decoded.text.replace(/\r?\n$/, '');
  if (text === 'true' || text === 'false') return text === 'true';
  if (!NUMBER.test(text)) return decoded.text;
  const value = Number(text);
  // An integer that a number would round, such as the number of an account, stays text.
  const isExact = Number.isInteger(value) ? Number.isSafeInteger(value) : Number.isFinite(value);
  if (!isExact) return decoded.text;
  return FRACTION.test(text) ? WRITTEN_FRACTION : value;
}
