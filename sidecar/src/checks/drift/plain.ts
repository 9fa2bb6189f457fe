import type { Document } from '@lastgood/core/formats/format.ts';
import type { SnapshotFile } from '@lastgood/core/model/snapshot.ts';

/** A longer one is a file of its own, and not the value of a key. */
const MAX_BYTES = 256;

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

/**
 * A file that no format knows, as a value: of file-per-key volumes a number or a boolean is one, as
 * every program takes it that reads the key. What a secret holds is never looked at.
 */
export function plainDocument({ bytes, secret }: SnapshotFile): Document {
  const value =
    secret || bytes.length > MAX_BYTES ? textOf(bytes) : scalarOf(bytes.toString('utf8'));
  return { value, locate: () => ({ line: 1, column: 1 }) };
}

/** Any text will do for another. */
function textOf(bytes: Buffer): string {
  return bytes.length === 0 ? '' : '…';
}

function scalarOf(text: string): unknown {
  const trimmed = text.trim();
  if (NUMBER.test(trimmed)) return Number(trimmed);
  return /^(?:true|false)$/i.test(trimmed) ? trimmed.toLowerCase() === 'true' : trimmed;
}
