import net from 'node:net';
import type { Clock } from '@lastgood/core/model/clock.ts';

/** Between two looks. An app that comes back is told within this and a little more. */
export const LOOK_MS = 250;

/** A connection that takes longer than this is given up, and tried again. */
const CONNECT_MS = 1_000;

/** Where somebody listens. */
export type Endpoint = net.NetConnectOpts;

/**
 * Resolves as soon as somebody takes a connection there; nothing is sent. Rejects with the signal's
 * reason.
 */
export async function waitUntilReachable(
  place: Endpoint,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  do {
    // First, so that one who takes connections and yet refuses requests is not asked in a loop.
    await clock.sleep(LOOK_MS, signal);
  } while (!(await acceptsConnection(place, signal)));
}

/** Where a URL leads to. Not for one behind a proxy, which is always there. */
export function endpointOf(url: string): Endpoint {
  const path = /^unix:(\/[^:]+)/.exec(url)?.[1];
  if (path !== undefined) return { path };
  const { protocol, hostname, port } = new URL(url);
  const usual = protocol === 'https:' ? 443 : 80;
  return {
    host: hostname.replace(/^\[|\]$/g, ''),
    port: port === '' ? usual : Number(port),
  };
}

function acceptsConnection(place: Endpoint, signal: AbortSignal): Promise<boolean> {
  const { promise, resolve, reject } = Promise.withResolvers<boolean>();
  if (signal.aborted) return Promise.reject(signal.reason);
  const socket = net.connect(place);
  const onAbort = () => reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  socket.setTimeout(CONNECT_MS, () => resolve(false));
  socket.on('connect', () => resolve(true));
  socket.on('error', () => resolve(false));
  return promise.finally(() => {
    signal.removeEventListener('abort', onAbort);
    socket.destroy();
  });
}
