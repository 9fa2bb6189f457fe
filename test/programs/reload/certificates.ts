import {
  type Issued,
  issue,
} from '../../../sidecar/src/checks/certificates/certificate.testing.ts';
import {
  type HandshakeOptions,
  readServedChain,
} from '../../../sidecar/src/io/tls/served-chain.ts';
import { DEADLINE_MS } from '../../deadline.ts';

const LONG = { from: '2020-01-01T00:00:00Z', to: '2049-01-01T00:00:00Z' };

/** Certificates of one server, renewed one after the other, each with its key. */
export async function renewals<Name extends string>(
  ...names: readonly Name[]
): Promise<Readonly<Record<Name, Issued>>> {
  const issued = names.map(async (name) => [name, await issue({ name, ...LONG })] as const);
  return Object.fromEntries(await Promise.all(issued)) as Record<Name, Issued>;
}

/** The name in the certificate that a server presents; rejects if a handshake fails. */
export async function servedName(port: number, more: Partial<HandshakeOptions> = {}) {
  const asked = { host: '127.0.0.1', port, timeoutMs: DEADLINE_MS, ...more };
  const served = await readServedChain(asked);
  if (served.type !== 'served') throw new Error(served.reason);
  return served.chain[0].subject.replace(/^CN=/, '');
}
