import { findingOf, warningOf } from '@lastgood/core/model/error.ts';
import type { Finding } from '@lastgood/core/model/finding.ts';
import type { Certificate, PemFile } from './pem-file.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

/** Certificates are often issued in the second when they begin, by a clock that is ahead. */
const MAX_SKEW_MS = 5 * 60 * 1000;

/** An end in less than this is a warning, unless the certificate lasts only for hours anyway. */
const SOON_MS = 7 * DAY_MS;
const SOON_SHARE = 0.25;

type State = 'sound' | 'ending' | 'expired' | 'not-yet' | 'unreadable';

/**
 * Finds certificates that expired, are not valid yet, or whose time cannot be read. In a chain that is presented each one counts,
 * except for a needless root, and for an expired one that a valid chain does not need; of trusted
 * authorities one valid one is enough, since the usual collections are full of expired ones.
 */
export function validityFindings(
  { secret, certificates }: PemFile,
  isShown: boolean,
  nowMs: number,
): readonly Finding[] {
  const all = certificates.map((certificate) => ({
    certificate,
    state: stateOf(certificate, nowMs),
  }));
  if (!isShown && all.some(({ state }) => state === 'sound')) return [];
  const needed = isShown ? neededIn(all) : undefined;
  const ending = all.filter(({ state }) => state === 'ending');
  const reported =
    !isShown && ending.length > 0 ? ending : all.filter(({ state }) => state !== 'sound');
  return reported.map(({ certificate, state }) => {
    const isSpare = needed?.has(certificate) === false;
    const finding = state === 'ending' || isSpare ? warningOf : findingOf;
    const code = state === 'not-yet' ? 'LG_VALIDATE_NOT_YET' : 'LG_VALIDATE_CERTIFICATE';
    return finding(code, [wordingOf(certificate, state, secret)], certificate.at);
  });
}

interface Dated {
  readonly certificate: Certificate;
  readonly state: State;
}

/**
 * The certificates of a presented chain that must be valid. Above a valid intermediate none must: a client
 * may know that one's issuer by another certificate, as after a root was cross-signed by one that has
 * expired since.
 */
function neededIn(all: readonly Dated[]): ReadonlySet<Certificate> {
  const [leaf, ...rest] = all;
  if (leaf === undefined) return new Set();
  const isValid = ({ state }: Dated) => state === 'sound' || state === 'ending';
  const hasValidIssuer = leaf.certificate.issuers.some((index) => {
    const issuer = all[index];
    return issuer !== undefined && isValid(issuer);
  });
  const needed = rest.filter(({ certificate, state }) => {
    if (certificate.isRoot) return false;
    return !hasValidIssuer || state === 'not-yet' || state === 'unreadable';
  });
  return new Set([leaf, ...needed].map(({ certificate }) => certificate));
}

function stateOf({ fromMs, toMs }: Certificate, nowMs: number): State {
  // OpenSSL and Go refuse such a certificate.
  if (Number.isNaN(fromMs) || Number.isNaN(toMs)) return 'unreadable';
  if (nowMs + MAX_SKEW_MS < fromMs) return 'not-yet';
  if (nowMs > toMs) return 'expired';
  return toMs - nowMs < Math.min(SOON_MS, (toMs - fromMs) * SOON_SHARE) ? 'ending' : 'sound';
}

function wordingOf(
  { commonName, fromMs, toMs }: Certificate,
  state: State,
  secret: boolean,
): string {
  const name = secret || commonName === undefined ? '' : ` "${commonName}"`;
  const subject = `the certificate${name}`;
  if (state === 'unreadable') return `${subject} has an unreadable time`;
  if (state === 'not-yet') return `${subject} is not valid before ${formatDate(fromMs)}`;
  const date = formatDate(toMs);
  return state === 'expired' ? `${subject} expired on ${date}` : `${subject} expires on ${date}`;
}

/** `2026-12-31 23:59 UTC` */
export function formatDate(ms: number): string {
  if (Number.isNaN(ms)) return 'an unreadable time';
  return `${new Date(ms).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
