import type { Document } from '@lastgood/core/formats/format.ts';
import type { SnapshotFile } from '@lastgood/core/model/snapshot.ts';

/** A longer file is not the value of a key. */
const MAX_BYTES = 256;

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

/**
 * A file without a format as one value: in file-per-key volumes, numbers and booleans are read as such,
 * as programs that read the key do. The content of a secret is not read.
 */
export function plainDocument({ bytes, secret }: SnapshotFile): Document {
  const value =
    secret || bytes.length > MAX_BYTES ? textOf(bytes) : scalarOf(bytes.toString('utf8'));
  return { value, locate: () => ({ line: 1, column: 1 }) };
}

/** All texts count as equal. */
function textOf(bytes: Buffer): string {
  return bytes.length === 0 ? '' : '…';
}

function scalarOf(text: string): unknown {
  const trimmed = text.trim();
  if (NUMBER.test(trimmed)) return Number(trimmed);
  return /^(?:true|false)$/i.test(trimmed) ? trimmed.toLowerCase() === 'true' : trimmed;
}
