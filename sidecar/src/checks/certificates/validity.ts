import { findingOf, warningOf } from '@lastgood/core/model/error.ts';
import type { Finding } from '@lastgood/core/model/finding.ts';
import { isRoot } from './chain.ts';
import type { Certificate, PemFile } from './pem-file.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

/** Certificates are often issued in the second when they begin, by a clock that is ahead. */
const MAX_SKEW_MS = 5 * 60 * 1000;

/** An end in less than this is a warning, unless the certificate lasts only for hours anyway. */
const SOON_MS = 7 * DAY_MS;
const SOON_SHARE = 0.25;

type State = 'sound' | 'ending' | 'expired' | 'not-yet';

/**
 * Finds certificates that expired or are not valid yet. In a chain that is presented each one counts,
 * except for a needless root; of trusted authorities one valid one is enough, since the usual
 * collections are full of expired ones.
 */
export function validityFindings(
  { file, certificates }: PemFile,
  isShown: boolean,
  nowMs: number,
): readonly Finding[] {
  const all = certificates.map((certificate, index) => {
    const isSpare = index > 0 && isShown && isRoot(certificate.x509);
    return { certificate, isSpare, state: stateOf(certificate, nowMs) };
  });
  if (!isShown && all.some(({ state }) => state === 'sound')) return [];
  const ending = all.filter(({ state }) => state === 'ending');
  const reported =
    !isShown && ending.length > 0 ? ending : all.filter(({ state }) => state !== 'sound');
  return reported.map(({ certificate, isSpare, state }) => {
    const finding = state === 'ending' || isSpare ? warningOf : findingOf;
    const code = state === 'not-yet' ? 'LG_VALIDATE_NOT_YET' : 'LG_VALIDATE_CERTIFICATE';
    return finding(code, [wordingOf(certificate, state, file.secret)], certificate.at);
  });
}

function stateOf({ x509: { validFromDate, validToDate } }: Certificate, nowMs: number): State {
  const fromMs = validFromDate.getTime();
  const toMs = validToDate.getTime();
  if (nowMs + MAX_SKEW_MS < fromMs) return 'not-yet';
  if (nowMs > toMs) return 'expired';
  return toMs - nowMs < Math.min(SOON_MS, (toMs - fromMs) * SOON_SHARE) ? 'ending' : 'sound';
}

function wordingOf({ x509 }: Certificate, state: State, secret: boolean): string {
  const subject = secret ? 'the certificate' : `the certificate${commonNameOf(x509)}`;
  if (state === 'not-yet')
    return `${subject} is not valid before ${formatDate(x509.validFromDate)}`;
  const date = formatDate(x509.validToDate);
  return state === 'expired' ? `${subject} expired on ${date}` : `${subject} expires on ${date}`;
}

/** Left out if missing, or if it could forge a line of a log. */
function commonNameOf(x509: Certificate['x509']): string {
  const { CN } = x509.toLegacyObject().subject;
  return typeof CN === 'string' && /^[\w .*@:-]{1,64}$/.test(CN) ? ` "${CN}"` : '';
}

/** `2026-12-31 23:59 UTC` */
function formatDate(date: Date): string {
  return `${date.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
