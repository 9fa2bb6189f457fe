import { isIP } from 'node:net';
import { warningOf } from '@lastgood/core/model/error.ts';
import type { Snapshot } from '@lastgood/core/model/snapshot.ts';
import {
  compareIssuers,
  describeCertificate,
  isSameServer,
  keyTypeOf,
  readServerChain,
  type ServerChain,
  serverNameOf,
} from '../../checks/certificates/server-chain.ts';
import { type HandshakeOptions, readServedChain } from '../../io/tls/served-chain.ts';
import type { TlsProbeSettings } from '../../settings/settings.ts';
import { GOOD, type Observation, type Probe, type ProbeOptions } from './probe.ts';

/** A file of the version, and the handshake that should present its certificate. */
interface Expected {
  readonly settings: TlsProbeSettings;
  readonly chain: ServerChain;
  readonly handshake: HandshakeOptions;
}

/**
 * Shakes hands with a server, and compares its certificate with the one in a file of the version: a server
 * that did not take a renewed one serves the old one until that expires.
 */
export function createTlsProbe(
  settings: TlsProbeSettings,
  { sealed }: Pick<ProbeOptions, 'sealed'>,
): Probe {
  const { file } = settings;
  /** The observations of a probation come every half second. */
  const chains = new WeakMap<Snapshot, ServerChain | undefined>();
  const chainIn = (snapshot: Snapshot) => {
    if (!chains.has(snapshot)) chains.set(snapshot, readChain(snapshot, file));
    return chains.get(snapshot);
  };
  return {
    observe: async ({ snapshot, isRollback = false, signal }) => {
      const chain = snapshot && chainIn(snapshot);
      if (chain === undefined) return missing(file, isRollback);
      const handshake = { ...settings, serverName: nameFor(settings, chain), signal };
      return compare({ settings, chain, handshake }, sealed);
    },
  };
}

/** Of the last good version nothing else would ever be known, and each try would notify the app again. */
function missing(file: string, isRollback: boolean): Observation {
  if (isRollback) return { type: 'good', findings: [warningOf('LG_CONFIRM_UNKNOWN', [file])] };
  return { type: 'bad', reason: `this version has no certificate in ${file}`, isFinal: true };
}

function readChain({ files }: Snapshot, path: string): ServerChain | undefined {
  const file = files.find((each) => each.path === path);
  return file && readServerChain(file);
}

/** A server with several certificates chooses by name, and knows that of this certificate best. */
function nameFor({ serverName, host }: TlsProbeSettings, chain: ServerChain): string | undefined {
  return serverName ?? serverNameOf(chain) ?? (isIP(host) === 0 ? host : undefined);
}

async function compare(expected: Expected, isSecret: boolean): Promise<Observation> {
  const { settings, chain } = expected;
  const at = formatAddress(settings);
  const served = await shakeHands(expected);
  if (served.type !== 'served') {
    const reason = `${at}: ${served.reason}`;
    return { type: served.type === 'absent' ? 'absent' : 'bad', reason };
  }
  if (!isSameServer(served.chain, chain)) {
    const [is, shouldBe] = [served.chain, chain].map((each) => describeCertificate(each, isSecret));
    const reason = `${at} does not serve the certificate in ${settings.file}: it serves ${is}; the file has ${shouldBe}`;
    return { type: 'bad', reason };
  }
  switch (compareIssuers(served.chain, chain)) {
    case 'complete':
      return GOOD;
    case 'incomplete':
      return { type: 'good', findings: [warningOf('LG_CONFIRM_CHAIN', [at, settings.file])] };
    case 'wrong': {
      const reason = `${at} serves the certificate in ${settings.file}, but with intermediate certificates that are not its issuer, and not with those in the file`;
      return { type: 'bad', reason };
    }
  }
}

/**
 * A server with certificates of several kinds of keys presents the one that it prefers, unless a client
 * accepts only another kind.
 */
async function shakeHands({ chain, handshake }: Expected) {
  const first = await readServedChain(handshake);
  if (first.type !== 'served') return first;
  const keyType = keyTypeOf(chain) ?? '';
  const signatures = SIGNATURES[keyType];
  if (signatures === undefined || keyTypeOf(first.chain) === keyType) return first;
  const second = await readServedChain({ ...handshake, signatures });
  return second.type === 'served' ? second : first;
}

/** By the kind of the key. Source: OpenSSL, SSL_CTX_set1_sigalgs_list(3). */
const SIGNATURES: Readonly<Record<string, string>> = {
  rsa: 'RSA-PSS+SHA256:RSA-PSS+SHA384:RSA-PSS+SHA512:RSA+SHA256:RSA+SHA384:RSA+SHA512:RSA+SHA1',
  'rsa-pss': 'rsa_pss_pss_sha256:rsa_pss_pss_sha384:rsa_pss_pss_sha512',
  ec: 'ECDSA+SHA256:ECDSA+SHA384:ECDSA+SHA512:ECDSA+SHA1',
  ed25519: 'ed25519',
  ed448: 'ed448',
};

/** `localhost:8443`, with the server name if the settings have one. */
function formatAddress({ host, port, serverName }: TlsProbeSettings): string {
  const address = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  return serverName === undefined ? address : `${address} (${serverName})`;
}
