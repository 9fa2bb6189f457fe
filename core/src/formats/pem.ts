import type { Format, Parsed } from './format.ts';
import { createLines } from './lines.ts';
import { readBlocks } from './pem-blocks.ts';
import { syntaxIssue } from './syntax-issues.ts';

/**
 * Blocks between `-----BEGIN …-----` and `-----END …-----` (RFC 7468). Text around them is ignored, as
 * by all programs. The value has the labels of the blocks and nothing of their content, so that no
 * check can show a key. A blank file is accepted: whether it may be blank depends on other files.
 */
export const pem: Format = { name: 'pem', extensions: ['.pem', '.crt'], parse };

/** `-----BEGIN` in base64, as in a value of `data` that was encoded twice. */
const ENCODED_BEGIN = 'LS0tLS1CRUdJTi';

function parse(text: string): Parsed {
  const { blocks, issues } = readBlocks(text);
  if (issues.length > 0) return { ok: false, issues };
  if (blocks.length === 0 && text.trim() !== '') return { ok: false, issues: [noBlock(text)] };
  const value = blocks.map(({ label }) => ({ label }));
  const positionOf = createLines(text);
  const locate = ([index]: readonly (string | number)[]) =>
    positionOf(blocks[Number(index ?? 0)]?.offset ?? 0);
  return { ok: true, documents: [{ value, locate }] };
}

function noBlock(text: string) {
  const message = text.trimStart().startsWith(ENCODED_BEGIN)
    ? 'is PEM encoded in base64 twice; decode it once'
    : 'is not PEM: expected a line -----BEGIN …-----';
  return syntaxIssue(message, 0);
}
