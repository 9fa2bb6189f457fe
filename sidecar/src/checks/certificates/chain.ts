import type { X509Certificate } from 'node:crypto';
import { warningOf } from '@lastgood/core/model/error.ts';
import type { Finding } from '@lastgood/core/model/finding.ts';
import type { Certificate } from './pem-file.ts';

/**
 * Each certificate of a chain must have issued the one above it. All of these are warnings: servers
 * start with any chain, and most clients find their way through it, while a renewed certificate that
 * is held back for the sake of its chain takes the app down when the old one expires.
 */
export function chainFindings(certificates: readonly Certificate[]): readonly Finding[] {
  const all = certificates.map(({ x509 }) => x509);
  // Above a root there is nothing, so what stands below it is a collection and no chain.
  if (all[0] !== undefined && isRoot(all[0])) return [];
  const told = new Set<string>();
  return certificates.flatMap(({ at }, index) => {
    const message = complaintOf(all, index);
    // A chain that is out of order in one place is so in the next one too.
    if (message === undefined || told.has(message)) return [];
    told.add(message);
    return warningOf('LG_VALIDATE_CERTIFICATE', [message], at);
  });
}

function complaintOf(all: readonly X509Certificate[], index: number): string | undefined {
  const here = all[index];
  const above = all[index - 1];
  if (here === undefined || above === undefined || issued(here, above)) return undefined;
  if (all.findIndex((each) => each.fingerprint256 === here.fingerprint256) < index)
    return 'the certificate stands in its file twice';
  if (all.some((other) => other !== here && (issued(here, other) || issued(other, here))))
    return 'the chain is out of order: each certificate must have issued the one above it';
  if (above.checkIssued(here))
    return 'the certificate has the name of the issuer of the one above it, but another key';
  return 'the certificate has nothing to do with the ones above it';
}

/** A certificate with the authorities above it, as against a collection of authorities to trust. */
export function isChain([first, ...rest]: readonly Certificate[]): boolean {
  if (first === undefined || rest.length === 0 || first.x509.ca || isRoot(first.x509)) return false;
  return rest.every(({ x509 }) => x509.ca);
}

/** Whether it signs itself: a client has its own copy of it, or does not trust it. */
export function isRoot(certificate: X509Certificate): boolean {
  return issued(certificate, certificate);
}

/** By name and by signature: a new authority often has the name of the old one. */
function issued(issuer: X509Certificate, certificate: X509Certificate): boolean {
  if (!certificate.checkIssued(issuer)) return false;
  try {
    return certificate.verify(issuer.publicKey);
  } catch {
    // A key of a kind that OpenSSL does not know: then the name alone has to do.
    return true;
  }
}
