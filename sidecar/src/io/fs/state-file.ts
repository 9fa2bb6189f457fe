import type { FsAdapter } from '@lastgood/core/fs/fs-adapter.ts';
import { replaceFile } from './atomic-write.ts';
import { readBoundedFile } from './read-bounded-file.ts';

/** Only the user of the sidecar can read its state, because secrets are part of it. */
export const STATE_FILE_MODE = 0o600;
export const STATE_DIRECTORY_MODE = 0o700;

/** Replaces a JSON file of the state. Returns when it is on disk. Rejects with the system's error. */
export async function writeStateFile(path: string, value: unknown, fs?: FsAdapter): Promise<void> {
  await replaceFile(path, Buffer.from(`${JSON.stringify(value)}\n`), STATE_FILE_MODE, fs);
}

/** Far more than lastgood writes. */
export const MAX_STATE_BYTES = 8 * 2 ** 20;

/** Reads a JSON file of the state; undefined if it is missing, cut off or not JSON. Never rejects. */
export async function readStateFile(path: string): Promise<unknown> {
  try {
    const file = await readBoundedFile(path, MAX_STATE_BYTES);
    return 'text' in file ? JSON.parse(Buffer.from(file.text, 'latin1').toString()) : undefined;
  } catch {
    return undefined;
  }
}
