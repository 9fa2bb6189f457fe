import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { decode } from '@lastgood/core/formats/encoding.ts';
import { readBlocks } from '@lastgood/core/formats/pem.ts';
import type { VersionFile } from '@lastgood/core/model/snapshot.ts';
import { truncate } from '@lastgood/core/model/truncate.ts';
import { tryTo } from '@lastgood/core/model/try-to.ts';
import { isIssuerOf, isRoot } from './chain.ts';
import { commonNameOf, validityOf } from './pem-file.ts';
import { formatDate } from './validity.ts';

/** The certificate of a server, and those that it sends along for its clients. */
export type ServerChain = readonly [own: X509Certificate, ...others: X509Certificate[]];

/** More certificates of a chain are not read. */
const MAX_CHAIN = 20;

/** In hexadecimal digits. Source: RFC 5280, section 4.1.2.2: up to 20 bytes. */
const MAX_SERIAL = 40;

/**
 * What a server that loads this file presents; undefined if its first certificate cannot be read. Never
 * throws.
 */
export function readServerChain({ bytes }: Pick<VersionFile, 'bytes'>): ServerChain | undefined {
  const { blocks } = readBlocks(decode(bytes, 'pem').text);
  const [own, ...others] = blocks
    .filter(({ label }) => /^(?:DER|(?:X509 |TRUSTED )?CERTIFICATE)$/.test(label))
    .slice(0, MAX_CHAIN)
    .map((block) => tryTo(() => new X509Certificate(block.bytes)));
  if (own === undefined) return undefined;
  return [own, ...others.filter((each) => each !== undefined)];
}

/** Whether both have the same certificate of the server itself. */
export function isSameServer([a]: ServerChain, [b]: ServerChain): boolean {
  return a.fingerprint256 === b.fingerprint256;
}

/**
 * Whether a served chain leads as far as that of the file. Roots do not count, since a client has its own
 * copy, and a server may send other certificates of the same issuers. `wrong`: it sends other
 * intermediate certificates, but not the issuer of that of the server.
 */
export function compareIssuers(
  [own, ...served]: ServerChain,
  [, ...expected]: ServerChain,
): 'complete' | 'incomplete' | 'wrong' {
  let last = own;
  // Each step uses up one certificate of the file, so a circle ends.
  const left = new Set(expected);
  for (;;) {
    const issuer = [...left].find((each) => !isRoot(each) && isIssuerOf(each, last));
    if (issuer === undefined) return 'complete';
    const sent = served.find((each) => isIssuerOf(each, last));
    if (sent === undefined) return last === own && !served.every(isRoot) ? 'wrong' : 'incomplete';
    left.delete(issuer);
    last = sent;
  }
}

/** The name that selects a certificate at its server; undefined if it has only wildcards. */
export function serverNameOf([own]: ServerChain): string | undefined {
  const names = [...dnsNamesOf(own), commonNameOf(own) ?? ''];
  return names.find((name) => /^[\w-]+(?:\.[\w-]+)*$/.test(name) && isIP(name) === 0);
}

/** The kind of its key as Node names it: `rsa`, `ec`; undefined if OpenSSL does not know it. */
export function keyTypeOf([own]: ServerChain): string | undefined {
  return tryTo(() => own.publicKey.asymmetricKeyType);
}

/** What a person needs to tell two certificates apart; of a secret one only its time (P8). */
export function describeCertificate([own]: ServerChain, isSecret: boolean): string {
  const { fromMs, toMs } = validityOf(own);
  const valid = `valid from ${formatDate(fromMs)} to ${formatDate(toMs)}`;
  if (isSecret) return `one ${valid}`;
  const name = commonNameOf(own) ?? dnsNamesOf(own)[0];
  const shown = name === undefined ? 'one' : `"${name}"`;
  return `${shown}, ${valid}, serial ${truncate(own.serialNumber, MAX_SERIAL)}, SHA-256 ${own.fingerprint256.slice(0, 23)}…`;
}

/** Only plain names, which cannot forge a line of a log. Source: Node's page on `subjectAltName`. */
function dnsNamesOf({ subjectAltName = '' }: X509Certificate): readonly string[] {
  return [...subjectAltName.matchAll(/(?:^|, )DNS:([\w*.-]{1,253})(?=,|$)/g)].map(
    ([, name = '']) => name,
  );
}
