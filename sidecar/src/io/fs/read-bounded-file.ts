import { constants, type Stats } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { reasonOf } from '@lastgood/core/model/error.ts';

export interface BoundedFile {
  /** One character a byte. */
  readonly text: string;
  /** Differs after each change of the file. */
  readonly stamp: string;
  readonly mtimeMs: number;
}

/** The reason names the file and never quotes its content (P8). */
export interface UnreadableFile {
  readonly problem: 'missing' | 'too-large' | 'unreadable';
  readonly reason: string;
}

interface ReadOptions {
  /** Another container can write the file's directory, and could lead a link to any file. */
  readonly noLink?: boolean;
  /** In place of the path if nothing can be opened there: it may be a credential in the wrong place (P8). */
  readonly nameIfAbsent?: string;
}

const CHUNK_BYTES = 64 * 1024;

/** Reads a regular file of at most `maxBytes`, also if it grows meanwhile. Never rejects, nor hangs. */
export async function readBoundedFile(
  path: string,
  maxBytes: number,
  { noLink = false, nameIfAbsent = path }: ReadOptions = {},
): Promise<BoundedFile | UnreadableFile> {
  let file: FileHandle | undefined;
  try {
    // Without O_NONBLOCK, opening a FIFO without a writer would never return.
    const flags = constants.O_RDONLY | constants.O_NONBLOCK;
    file = await open(path, noLink ? flags | constants.O_NOFOLLOW : flags);
    const stats = await file.stat();
    if (!stats.isFile()) return { problem: 'unreadable', reason: `${path} is not a regular file` };
    const bytes = await readUpTo(file, maxBytes + 1);
    if (bytes.length > maxBytes)
      return { problem: 'too-large', reason: `${path} is larger than ${maxBytes} bytes` };
    return { text: bytes.toString('latin1'), stamp: stampOf(stats), mtimeMs: stats.mtimeMs };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (noLink && code === 'ELOOP')
      return { problem: 'unreadable', reason: `${path} is a symbolic link` };
    const name = file === undefined ? nameIfAbsent : path;
    const reason = `${name} cannot be read: ${reasonOf(error)}`;
    return { problem: code === 'ENOENT' ? 'missing' : 'unreadable', reason };
  } finally {
    await file?.close().catch(() => {});
  }
}

function stampOf({ dev, ino, size, mtimeMs, ctimeMs }: Stats): string {
  return [dev, ino, size, mtimeMs, ctimeMs].join(' ');
}

/** The first bytes of a file of `/proc`. Rejects with the system's error. */
export async function readStart(path: string, maxBytes: number): Promise<Buffer> {
  const file = await open(path, constants.O_RDONLY);
  try {
    return await readUpTo(file, maxBytes);
  } finally {
    await file.close();
  }
}

/** The first bytes of an open file, whatever size it claims to have. Rejects with the system's error. */
async function readUpTo(file: FileHandle, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  while (sizeBytes < maxBytes) {
    const length = Math.min(CHUNK_BYTES, maxBytes - sizeBytes);
    const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(length), 0, length, sizeBytes);
    if (bytesRead === 0) break;
    chunks.push(buffer.subarray(0, bytesRead));
    sizeBytes += bytesRead;
  }
  return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks);
}
