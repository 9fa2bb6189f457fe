import { reasonOf } from '@lastgood/core/model/error.ts';

/** Why no answer came. `absent`: nobody listens there, so nobody has seen the request. */
export interface RequestFailure {
  readonly type: 'absent' | 'fault';
  readonly reason: string;
}

/** Nobody is there: refused, or a Unix socket that does not exist. */
const ABSENT = new Set(['ECONNREFUSED', 'ENOENT']);

/** An address of a family that this host does not have: it says nothing of who listens at the others. */
const NO_SUCH_FAMILY = new Set(['EADDRNOTAVAIL', 'EAFNOSUPPORT', 'ENETUNREACH']);

/** A certificate's names are shown; no more of them. */
const MAX_NAMES = 200;

const UNTRUSTED = 'the certificate of the app is not trusted';
const UNFIT = 'tls.caFile, tls.certFile or tls.keyFile cannot be used';

/** What a code does not say by itself. Sources: Node's `tls` and `errors` pages, OpenSSL's verify(1). */
const MEANINGS: Readonly<Record<string, string>> = {
  ENOTFOUND: 'the host has no address (ENOTFOUND)',
  EAI_AGAIN: 'the host cannot be looked up now (EAI_AGAIN)',
  ERR_PROXY_TUNNEL: 'the proxy opens no way to the app (ERR_PROXY_TUNNEL)',
  ERR_INVALID_URL: 'the URL is malformed',
  ERR_OSSL_X509_KEY_VALUES_MISMATCH: 'tls.keyFile does not hold the key of tls.certFile',
  CERT_HAS_EXPIRED: 'the certificate of the app has expired',
  CERT_NOT_YET_VALID: 'the certificate of the app is not valid yet',
};

/** OpenSSL's words for what is no TLS at all. */
const NO_TLS = new Set(['wrong version number', 'packet length too long', 'http request']);

/** The codes of a chain that leads to nobody who is trusted, with OpenSSL's words for them. */
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

/** Says in words why a request came to nothing; never with what might quote the URL (P8). */
export function failureOf(thrown: unknown): RequestFailure {
  // Userinfo that cannot be decoded, for one; the message might quote it.
  if (thrown instanceof URIError) return { type: 'fault', reason: 'the URL is malformed' };
  const codes = codesOf(thrown);
  const present = codes.find((code) => !ABSENT.has(code) && !NO_SUCH_FAMILY.has(code));
  const refused = codes.find((code) => ABSENT.has(code));
  // Several addresses: nobody is there only if nobody is at any of them.
  if (present === undefined && refused !== undefined) return { type: 'absent', reason: refused };
  return { type: 'fault', reason: meaningOf(present ?? codes[0] ?? reasonOf(thrown), thrown) };
}

function codesOf(thrown: unknown): readonly string[] {
  const errors: readonly unknown[] = thrown instanceof AggregateError ? thrown.errors : [thrown];
  return errors.map(reasonOf);
}

function meaningOf(code: string, thrown: unknown): string {
  const message = thrown instanceof Error ? thrown.message : '';
  if (UNTRUSTED_CHAINS.has(code))
    return `${UNTRUSTED}: ${message.replace(/;.*/s, '')}; see tls.caFile`;
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID')
    return `the certificate of the app is for another name: ${cut(message)}; see tls.serverName`;
  if (code === 'EPROTO') return handshakeOf(message);
  // An alert is the app's no to what lastgood has shown of itself, or has not.
  if (/^ERR_SSL_.*ALERT/.test(code)) return `the app has ended the TLS handshake (${code})`;
  if (/^ERR_OSSL_(?!X509_KEY_VALUES)/.test(code)) return `${UNFIT} (${code})`;
  return MEANINGS[code] ?? code;
}

/** What OpenSSL says of a handshake that fails, which Node gives in one piece: `…:words:file.c:78:`. */
function handshakeOf(message: string): string {
  const reason = /:([a-z0-9][a-z0-9 ]*):[^:]*\.c:\d+:/i.exec(message)?.[1];
  if (reason === undefined) return 'EPROTO';
  if (NO_TLS.has(reason)) return 'the app does not speak TLS on this port';
  return `the TLS handshake fails: ${reason}`;
}

function cut(message: string): string {
  const names = message.replace(/^Hostname\/IP does not match certificate's altnames: /, '');
  const line = names.replace(/[\p{Cc}\s]+/gu, ' ');
  return line.length > MAX_NAMES ? `${line.slice(0, MAX_NAMES)}…` : line;
}
