import { reasonOf } from '@lastgood/core/model/error.ts';
import { truncate } from '@lastgood/core/model/truncate.ts';

/** Why there is no response. `absent`: nothing listens there, so the app has not seen the request. */
export interface RequestFailure {
  readonly type: 'absent' | 'fault';
  readonly reason: string;
}

/** Nothing listens there: refused, or a Unix socket that does not exist. */
const ABSENT = new Set(['ECONNREFUSED', 'ENOENT']);

/** This host does not have the address family, which says nothing about the other addresses. */
const NO_SUCH_FAMILY = new Set(['EADDRNOTAVAIL', 'EAFNOSUPPORT', 'ENETUNREACH']);

/** Longer lists of the names of a certificate are cut. */
const MAX_NAMES = 200;

const UNTRUSTED = 'the certificate of the app is not trusted';
const UNFIT = 'tls.caFile, tls.certFile or tls.keyFile cannot be used';

/** What the codes mean. Sources: Node's `tls` and `errors` pages, OpenSSL's verify(1). */
const MEANINGS: Readonly<Record<string, string>> = {
  ENOTFOUND: 'the host name does not resolve (ENOTFOUND)',
  EAI_AGAIN: 'the host name cannot be resolved at the moment (EAI_AGAIN)',
  ERR_PROXY_TUNNEL: 'the proxy cannot connect to the app (ERR_PROXY_TUNNEL)',
  ERR_INVALID_URL: 'the URL is malformed',
  ERR_OSSL_X509_KEY_VALUES_MISMATCH: 'tls.keyFile is not the key of tls.certFile',
  HPE_HEADER_OVERFLOW: 'the headers of the answer are larger than 1 MiB (HPE_HEADER_OVERFLOW)',
  CERT_HAS_EXPIRED: 'the certificate of the app has expired',
  CERT_NOT_YET_VALID: 'the certificate of the app is not valid yet',
};

/** OpenSSL's messages for a peer that does not speak TLS. */
const NO_TLS = new Set(['wrong version number', 'packet length too long', 'http request']);

/** OpenSSL's reason in a message of Node: `…:reason:file.c:78:`. */
const REASON = /:([a-z0-9][a-z0-9 ]*):[^:]*\.c:\d+:/i;

/** Codes for a certificate chain without a trusted root. */
const UNTRUSTED_CHAINS = new Set([
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'CERT_SIGNATURE_FAILURE',
  'CERT_UNTRUSTED',
  'CERT_REJECTED',
  'INVALID_CA',
  'INVALID_PURPOSE',
]);

/** Explains why a request failed, without anything that might quote the URL (P8). */
export function failureOf(thrown: unknown): RequestFailure {
  // For example userinfo that cannot be decoded; the message might quote it.
  if (thrown instanceof URIError) return { type: 'fault', reason: 'the URL is malformed' };
  const errors: readonly unknown[] = thrown instanceof AggregateError ? thrown.errors : [thrown];
  const codes = errors.map(reasonOf);
  const present = codes.find((code) => !ABSENT.has(code) && !NO_SUCH_FAMILY.has(code));
  const refused = codes.find((code) => ABSENT.has(code));
  // With several addresses, the app is absent only if nothing listens at any of them.
  if (present === undefined && refused !== undefined) return { type: 'absent', reason: refused };
  return { type: 'fault', reason: meaningOf(present ?? codes[0] ?? reasonOf(thrown), thrown) };
}

function meaningOf(code: string, thrown: unknown): string {
  const message = thrown instanceof Error ? thrown.message : '';
  if (UNTRUSTED_CHAINS.has(code))
    return `${UNTRUSTED}: ${message.replace(/;.*/s, '')}; see tls.caFile`;
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID')
    return `the certificate of the app is for another name: ${namesIn(message)}; see tls.serverName`;
  if (code === 'EPROTO') return handshakeOf(REASON.exec(message)?.[1]);
  // The app rejects the certificate of lastgood, or the lack of one, with an alert.
  if (/^ERR_SSL_.*ALERT/.test(code)) return `the app ended the TLS handshake (${code})`;
  if (code.startsWith('ERR_SSL_'))
    return handshakeOf(code.slice('ERR_SSL_'.length).toLowerCase().replaceAll('_', ' '));
  if (/^ERR_OSSL_(?!X509_KEY_VALUES)/.test(code)) return `${UNFIT} (${code})`;
  if (code.startsWith('HPE_')) return MEANINGS[code] ?? `the answer is not HTTP (${code})`;
  return MEANINGS[code] ?? code;
}

/** By OpenSSL's reason for a failed handshake, which Node has in a message or in a code. */
function handshakeOf(reason: string | undefined): string {
  if (reason === undefined) return 'EPROTO';
  if (NO_TLS.has(reason)) return 'the app does not speak TLS on this port';
  return `the TLS handshake failed: ${reason}`;
}

function namesIn(message: string): string {
  const names = message.replace(/^Hostname\/IP does not match certificate's altnames: /, '');
  return truncate(names.replace(/[\p{Cc}\s]+/gu, ' '), MAX_NAMES);
}
