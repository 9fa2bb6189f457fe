import type { X509Certificate } from 'node:crypto';
import { warningOf } from '@lastgood/core/model/error.ts';
import type { Finding } from '@lastgood/core/model/finding.ts';
import type { Certificate } from './pem-file.ts';

/**
 * Each certificate of a chain must have issued the one above it. These are warnings: servers start with
 * any chain and most clients accept it, but rejecting a renewed certificate for its chain would take the
 * app down when the old one expires.
 */
export function chainFindings(certificates: readonly Certificate[]): readonly Finding[] {
  const all = certificates.map(({ x509 }) => x509);
  // Nothing issued a root, so the certificates below it are a collection, not a chain.
  if (all[0] !== undefined && isRoot(all[0])) return [];
  const reported = new Set<string>();
  return certificates.flatMap(({ at }, index) => {
    const message = problemOf(all, index);
    // A chain that is out of order at one certificate is so at the next one too.
    if (message === undefined || reported.has(message)) return [];
    reported.add(message);
    return warningOf('LG_VALIDATE_CERTIFICATE', [message], at);
  });
}

function problemOf(all: readonly X509Certificate[], index: number): string | undefined {
  const here = all[index];
  const above = all[index - 1];
  if (here === undefined || above === undefined || issued(here, above)) return undefined;
  if (all.findIndex((each) => each.fingerprint256 === here.fingerprint256) < index)
    return 'the certificate is in its file twice';
  if (all.some((other) => other !== here && (issued(here, other) || issued(other, here))))
    return 'the chain is out of order: each certificate must have issued the one above it';
  if (above.checkIssued(here))
    return 'the certificate has the name of the issuer of the one above it, but another key';
  return 'the certificate is unrelated to the ones above it';
}

/** Whether it is a certificate with its authorities, not a collection of trusted authorities. */
export function isChain([first, ...rest]: readonly Certificate[]): boolean {
  if (first === undefined || rest.length === 0 || first.x509.ca || isRoot(first.x509)) return false;
  return rest.every(({ x509 }) => x509.ca);
}

/** Whether it signs itself: a client has its own copy, or does not trust it. */
export function isRoot(certificate: X509Certificate): boolean {
  return issued(certificate, certificate);
}

/** By name and by signature: a new authority often has the name of the old one. */
function issued(issuer: X509Certificate, certificate: X509Certificate): boolean {
  if (!certificate.checkIssued(issuer)) return false;
  try {
    return certificate.verify(issuer.publicKey);
  } catch {
    // OpenSSL does not know this kind of key, so only the name counts.
    return true;
  }
}
