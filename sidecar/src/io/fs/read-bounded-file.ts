import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { reasonOf } from '@lastgood/core/model/error.ts';

export interface BoundedFile {
  /** One character a byte. */
  readonly text: string;
  readonly mtimeMs: number;
}

/** The reason names the file and never quotes it (P8). */
export interface UnreadableFile {
  readonly problem: 'missing' | 'too-large' | 'unreadable';
  readonly reason: string;
}

/** Reads a regular file of at most `maxBytes`. Never rejects. */
export async function readBoundedFile(
  path: string,
  maxBytes: number,
): Promise<BoundedFile | UnreadableFile> {
  let file: FileHandle | undefined;
  try {
    // Without O_NONBLOCK, opening a FIFO without a writer would never return.
    file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const stats = await file.stat();
    if (!stats.isFile()) return { problem: 'unreadable', reason: `${path} is not a regular file` };
    if (stats.size > maxBytes)
      return { problem: 'too-large', reason: `${path} is larger than ${maxBytes} bytes` };
    return { text: await file.readFile('latin1'), mtimeMs: stats.mtimeMs };
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    const reason = `${path} cannot be read: ${reasonOf(error)}`;
    return { problem: isMissing ? 'missing' : 'unreadable', reason };
  } finally {
    await file?.close().catch(() => {});
  }
}
