import { readBoundedFile } from '../fs/read-bounded-file.ts';
import type { Unusable } from './options.ts';

/** Room for a token or a key; a larger file was not meant. */
const MAX_VALUE_BYTES = 64 * 1024;
/** Room for several times the trust store of a system. */
const MAX_PEM_BYTES = 2 * 1024 * 1024;

/**
 * The content of a file, or why it cannot be used. The reason never quotes the file, and shows its path
 * only if the file exists: people write a credential where its file belongs (P8).
 */
export type SecretText = { readonly text: string } | Unusable;

/**
 * Reads a file with a single value: a token, a password, a key, a header. Leaves out the line end that
 * editors and `echo` write. One character a byte, so that the bytes are sent unchanged. Never rejects.
 *
 * @param key - the key of the settings that names the file
 */
export async function readSecretFile(path: string, key: string): Promise<SecretText> {
  const read = await readBoundedFile(path, MAX_VALUE_BYTES, absent(key));
  return 'text' in read ? { text: read.text.replace(/\r?\n$/, '') } : read;
}

/** Reads a file of certificates, or of a key. Never rejects. */
export async function readPemFile(path: string, key: string): Promise<SecretText> {
  const read = await readBoundedFile(path, MAX_PEM_BYTES, absent(key));
  if ('text' in read && !read.text.includes('-----BEGIN ')) return { reason: `${path} is not PEM` };
  return read;
}

function absent(key: string) {
  return { nameIfAbsent: `the file of ${key}` };
}
