import net from 'node:net';
import type { Clock } from '@lastgood/core/model/clock.ts';
import { POLL_MS, pollUntil } from './poll.ts';

/** A connection attempt that takes longer is given up, and repeated. */
const CONNECT_MS = 1_000;

export type Endpoint = net.NetConnectOpts;

/** Waits until the endpoint accepts a connection; sends nothing. Rejects with the signal's reason. */
export async function waitUntilReachable(
  endpoint: Endpoint,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  // Waits first, so that an app that accepts connections and refuses requests causes no busy loop.
  await clock.sleep(POLL_MS, signal);
  await pollUntil(() => acceptsConnection(endpoint, signal), clock, signal);
}

/** The endpoint of a URL. Not for one behind a proxy, which is always reachable. */
export function endpointOf(url: string): Endpoint {
  const path = /^unix:(\/[^:]+)/.exec(url)?.[1];
  if (path !== undefined) return { path };
  const { protocol, hostname, port } = new URL(url);
  const defaultPort = protocol === 'https:' ? 443 : 80;
  return {
    host: hostname.replace(/^\[|\]$/g, ''),
    port: port === '' ? defaultPort : Number(port),
  };
}

function acceptsConnection(endpoint: Endpoint, signal: AbortSignal): Promise<boolean> {
  const { promise, resolve, reject } = Promise.withResolvers<boolean>();
  if (signal.aborted) return Promise.reject(signal.reason);
  const socket = net.connect(endpoint);
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
