import { once } from 'node:events';
import { readlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { tryTo } from '@lastgood/core/model/try-to.ts';

/**
 * Keeps other processes of this container from taking the lock until this one ends. False if another one
 * has it. An abstract socket needs no directory that can be written, and the kernel removes it. Other
 * containers may share its namespace, but not that of mounts.
 */
export async function lockContainer(name: string): Promise<boolean> {
  const container = tryTo(() => readlinkSync('/proc/self/ns/mnt'));
  const server = createServer().unref();
  try {
    await once(server.listen(`\0${name} ${container}`), 'listening');
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'EADDRINUSE';
  }
}
