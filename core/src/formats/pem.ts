import type { Format, Parsed, Problem } from './format.ts';
import { createLines } from './lines.ts';
import { readBlocks } from './pem-blocks.ts';

/**
 * Blocks between `-----BEGIN …-----` and `-----END …-----` (RFC 7468). What stands around them is
 * ignored, as all programs do. Its value names the blocks and holds nothing of them, so that no check
 * can tell a key. A blank file is accepted: whether it may be blank depends on the files beside it.
 */
export const pem: Format = { name: 'pem', extensions: ['.pem', '.crt'], parse };

/** `-----BEGIN` in base64, as a value of `data` looks that was encoded once more. */
const ENCODED_BEGIN = 'LS0tLS1CRUdJTi';

function parse(text: string): Parsed {
  const { blocks, complaints } = readBlocks(text);
  const positionOf = createLines(text);
  const problems = complaints.map(({ offset, ...rest }) => ({ ...rest, ...positionOf(offset) }));
  if (problems.length > 0) return { ok: false, problems };
  if (blocks.length === 0 && text.trim() !== '') return { ok: false, problems: [noBlock(text)] };
  const value = blocks.map(({ label }) => ({ label }));
  const document = {
    value,
    locate: ([index]: readonly (string | number)[]) =>
      positionOf(blocks[Number(index ?? 0)]?.offset ?? 0),
  };
  return { ok: true, documents: [document] };
}

function noBlock(text: string): Problem {
  const message = text.trimStart().startsWith(ENCODED_BEGIN)
    ? 'is PEM that is encoded in base64 once more; decode it once'
    : 'holds no PEM block, which starts with a line -----BEGIN …-----';
  return { code: 'LG_VALIDATE_SYNTAX', args: [message], line: 1, column: 1 };
}
