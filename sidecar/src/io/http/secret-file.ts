import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { reasonOf } from '@lastgood/core/model/error.ts';

/** Room for a token or a key; whatever is larger is another file than was meant. */
const MAX_VALUE_BYTES = 64 * 1024;
/** Room for all certificates of a system's trust store, some times over. */
const MAX_PEM_BYTES = 2 * 1024 * 1024;

/** What a file holds, or why it cannot be told; the reason names the file and never quotes it (P8). */
export type SecretText = { readonly text: string } | { readonly reason: string };

/**
 * A file that holds one value: a token, a password, a key, a header. Without the one line end that
 * editors and `echo` leave. One character a byte, so that it is sent as it stands. Never rejects.
 */
export async function readSecretFile(path: string): Promise<SecretText> {
  const read = await readBounded(path, MAX_VALUE_BYTES);
  return 'text' in read ? { text: read.text.replace(/\r?\n$/, '') } : read;
}

/** A file of certificates, or of a key. Never rejects. */
export async function readPemFile(path: string): Promise<SecretText> {
  const read = await readBounded(path, MAX_PEM_BYTES);
  if ('text' in read && !read.text.includes('-----BEGIN '))
    return { reason: `${path} holds no PEM` };
  return read;
}

async function readBounded(path: string, maxBytes: number): Promise<SecretText> {
  let file: FileHandle | undefined;
  try {
    // Opening a FIFO that nobody writes to would wait for ever.
    file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const stats = await file.stat();
    if (!stats.isFile()) return { reason: `${path} is no file` };
    if (stats.size > maxBytes) return { reason: `${path} is larger than ${maxBytes} bytes` };
    return { text: await file.readFile('latin1') };
  } catch (error) {
    return { reason: `${path} cannot be read: ${reasonOf(error)}` };
  } finally {
    await file?.close().catch(() => {});
  }
}
