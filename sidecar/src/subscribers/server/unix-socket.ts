import { once } from 'node:events';
import { chmod, chown, lstat, mkdtemp, rename, rm, stat } from 'node:fs/promises';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';
import { LastgoodError, reasonOf } from '@lastgood/core/model/error.ts';
import { makeDirectory } from '../../io/fs/make-directory.ts';

/** Source: unix(7), `sun_path` without the NUL at its end. */
const MAX_PATH_BYTES = 107;

/** Of an inherited group: without it, the socket would get the group of this process. */
const SET_GROUP_ID = 0o2000;

export interface SocketSettings {
  readonly path: string;
  /** Who may connect, as the permission bits of a file: 0o660. */
  readonly mode: number;
  /** Group id; left out: that of the directory or of this process, as the system chooses. */
  readonly group?: number | undefined;
}

/**
 * Listens at a path. The socket has its mode and its group before any other user can connect: it is bound
 * in a private directory and then renamed. Replaces the socket of a process that was killed. Returns a
 * function that removes the socket. Rejects with `LG_SERVE_SOCKET`.
 */
export async function listenAt(
  settings: SocketSettings,
  listen: (path: string) => Promise<unknown>,
): Promise<() => Promise<void>> {
  const { path } = settings;
  try {
    const length = Buffer.byteLength(path);
    if (length > MAX_PATH_BYTES)
      throw new Error(`the path has ${length} bytes, more than ${MAX_PATH_BYTES}`);
    await openDirectory(dirname(path), settings);
    await refuseOther(path);
    return await bind(settings, listen);
  } catch (thrown) {
    throw new LastgoodError('LG_SERVE_SOCKET', [path, reasonOf(thrown)], { cause: thrown });
  }
}

async function bind(
  { path, mode, group }: SocketSettings,
  listen: (path: string) => Promise<unknown>,
): Promise<() => Promise<void>> {
  // 6 characters, so that the path in it is not longer than `sdk.sock`.
  const directory = await orReason('its directory cannot be written', mkdtemp(`${dirname(path)}/`));
  const bound = join(directory, 's');
  try {
    await listen(bound);
    if (group !== undefined) await giveToGroup(bound, group);
    await chmod(bound, mode);
    const { ino, dev } = await lstat(bound);
    await rename(bound, path);
    return async () => {
      const now = await lstat(path).catch(() => undefined);
      // Another sidecar may have replaced it.
      if (now?.ino === ino && now.dev === dev) await rm(path, { force: true });
    };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** As open as the socket; if it exists, it stays as it is. */
async function openDirectory(path: string, { mode, group }: SocketSettings): Promise<void> {
  const made = await orReason('its directory cannot be made', makeDirectory(path));
  if (made === undefined) return;
  const { mode: inherited } = await stat(path);
  if (group !== undefined) await giveToGroup(path, group);
  const others = (mode & 0o070 ? 0o050 : 0) | (mode & 0o007 ? 0o005 : 0);
  await chmod(path, (inherited & SET_GROUP_ID) | 0o700 | others);
}

async function giveToGroup(path: string, group: number): Promise<void> {
  await orReason(`this process may not give it to the group ${group}`, chown(path, -1, group));
}

/** A rejection says what has failed, and then the reason of the system. */
async function orReason<T>(what: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw new Error(`${what}: ${reasonOf(error)}`, { cause: error });
  }
}

async function refuseOther(path: string): Promise<void> {
  const found = await lstat(path).catch((error) => {
    if (reasonOf(error) === 'ENOENT') return undefined;
    throw error;
  });
  if (found === undefined) return;
  if (!found.isSocket()) throw new Error('it exists and is not a socket');
  if (await isAlive(path)) throw new Error('another process listens there');
}

async function isAlive(path: string): Promise<boolean> {
  const socket = connect(path);
  try {
    await once(socket, 'connect');
    return true;
  } catch (error) {
    // The process of a socket that refuses has ended. Removed meanwhile is as good.
    if (['ECONNREFUSED', 'ENOENT'].includes(reasonOf(error))) return false;
    throw error;
  } finally {
    socket.destroy();
  }
}
