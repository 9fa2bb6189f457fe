import type { X509Certificate } from 'node:crypto';
import { warningOf } from '@lastgood/core/model/error.ts';
import type { Finding, Location } from '@lastgood/core/model/finding.ts';

/** A certificate as OpenSSL reads it. */
export interface ReadCertificate {
  readonly x509: X509Certificate;
  readonly at: Location;
}

/**
 * Each certificate of a chain must have issued the one above it. These are warnings: servers start with
 * any chain and most clients accept it, but rejecting a renewed certificate for its chain would take the
 * app down when the old one expires.
 */
export function chainFindings(certificates: readonly ReadCertificate[]): readonly Finding[] {
  const all = certificates.map(({ x509 }) => x509);
  // Nothing issued a root, so the certificates below it are a collection, not a chain.
  if (all[0] === undefined || isRoot(all[0])) return [];
  const chain = new Chain(all);
  const reported = new Set<string>();
  return certificates.flatMap(({ at }, index) => {
    const message = chain.problemOf(index);
    // A chain that is out of order at one certificate is so at the next one too.
    if (message === undefined || reported.has(message)) return [];
    reported.add(message);
    return warningOf('LG_VALIDATE_CERTIFICATE', [message], at);
  });
}

/** A signature takes up to some ms. Beyond this many, only names count. */
const MAX_SIGNATURES = 1_000;

/** Finds the problem of each certificate in time proportional to their number. */
class Chain {
  readonly #all: readonly X509Certificate[];
  readonly #bySubject: ReadonlyMap<string, readonly X509Certificate[]>;
  readonly #byIssuer: ReadonlyMap<string, readonly X509Certificate[]>;
  readonly #seen = new Set<string>();
  #signaturesLeft = MAX_SIGNATURES;

  constructor(all: readonly X509Certificate[]) {
    this.#all = all;
    this.#bySubject = Map.groupBy(all, ({ subject }) => subject);
    this.#byIssuer = Map.groupBy(all, ({ issuer }) => issuer);
  }

  /** Must be called in the order of the file. */
  problemOf(index: number): string | undefined {
    const here = this.#all[index];
    const above = this.#all[index - 1];
    if (here === undefined) return undefined;
    const isRepeated = this.#seen.has(here.fingerprint256);
    this.#seen.add(here.fingerprint256);
    if (above === undefined || this.#issued(here, above)) return undefined;
    if (isRepeated) return 'the certificate is in its file twice';
    if (this.#isRelated(here))
      return 'the chain is out of order: each certificate must have issued the one above it';
    if (above.checkIssued(here))
      return 'the certificate has the name of the issuer of the one above it, but another key';
    return 'the certificate is unrelated to the ones above it';
  }

  /** Whether any other certificate issued it, or was issued by it. */
  #isRelated(here: X509Certificate): boolean {
    const issuers = this.#bySubject.get(here.issuer) ?? [];
    const issued = this.#byIssuer.get(here.subject) ?? [];
    return (
      issuers.some((other) => other !== here && this.#issued(other, here)) ||
      issued.some((other) => other !== here && this.#issued(here, other))
    );
  }

  #issued(issuer: X509Certificate, certificate: X509Certificate): boolean {
    if (!certificate.checkIssued(issuer)) return false;
    this.#signaturesLeft -= 1;
    return this.#signaturesLeft < 0 || isSignedBy(certificate, issuer);
  }
}

/** Whether a certificate is the issuer of another, by name and by signature. */
export function isIssuerOf(issuer: X509Certificate, certificate: X509Certificate): boolean {
  return certificate.checkIssued(issuer) && isSignedBy(certificate, issuer);
}

/** Whether it signs itself, by name and by signature. */
export function isRoot(certificate: X509Certificate): boolean {
  return isIssuerOf(certificate, certificate);
}

/** A new authority often has the name of the old one, so names alone are not enough. */
function isSignedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
  try {
    return certificate.verify(issuer.publicKey);
  } catch {
    // OpenSSL does not know this kind of key, so only the name counts.
    return true;
  }
}
