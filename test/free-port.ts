import { once } from 'node:events';
import { createServer } from 'node:net';

/** Below the ports that Linux gives to `listen(0)` and to clients, so that no such socket takes one. */
const FIRST_PORT = 15_000;
const LAST_PORT = 30_000;

/**
 * A port on which nothing listens, for a program that cannot say which one it was given, and for an
 * address without a server. Another copy of the tests does not get it while this process runs.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = FIRST_PORT + Math.floor(Math.random() * (LAST_PORT - FIRST_PORT));
    if ((await reserve(port)) && (await isFree(port))) return port;
  }
}

/** Holds an abstract socket of the port's name until the process ends. */
async function reserve(port: number): Promise<boolean> {
  if (process.platform !== 'linux') return true;
  const server = await listening({ path: `\0lastgood-test-port-${port}` });
  server?.unref();
  return server !== undefined;
}

async function isFree(port: number): Promise<boolean> {
  const server = await listening({ port, host: '127.0.0.1' });
  if (server === undefined) return false;
  server.close();
  await once(server, 'close');
  return true;
}

/** A server that listens there, or undefined if another one does. */
async function listening(address: { path: string } | { port: number; host: string }) {
  const server = createServer().listen(address);
  try {
    await once(server, 'listening');
    return server;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') return undefined;
    throw error;
  }
}
