import { createHmac, timingSafeEqual } from 'node:crypto';
import { readFile } from 'node:fs/promises';

/** Older requests may be sent again by someone who has seen them. A clock may be wrong by as much. */
const MAX_AGE_SECONDS = 300;

/**
 * Whether lastgood has signed this body lately. `header`: the value of `Lastgood-Signature`, if there is one.
 * Source: docs/webhook-protocol.md, the signature.
 */
export function isSigned(
  header: string | readonly string[] | undefined,
  body: Buffer,
  key: Buffer,
  nowMs: number,
): boolean {
  const parts = String(header).split(',');
  const { t, v1 = '' } = Object.fromEntries(parts.map((part) => part.split('=')));
  if (!(Math.abs(nowMs / 1000 - Number(t)) <= MAX_AGE_SECONDS)) return false;
  const expected = createHmac('sha256', key).update(`${t}.`).update(body).digest();
  const given = Buffer.from(v1, 'hex');
  return given.length === expected.length && timingSafeEqual(given, expected);
}

/** The content without one line end, as lastgood reads it. Rejects if it is empty, as anyone could sign then. */
export async function readKey(path: string): Promise<Buffer> {
  const content = await readFile(path, 'latin1');
  const key = content.replace(/\r?\n$/, '');
  if (key === '') throw new Error(`${path} is empty`);
  return Buffer.from(key, 'latin1');
}
