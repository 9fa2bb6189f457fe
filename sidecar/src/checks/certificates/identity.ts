import { createPublicKey } from 'node:crypto';
import { basename, dirname, extname } from 'node:path/posix';
import { findingOf } from '@lastgood/core/model/error.ts';
import type { Finding } from '@lastgood/core/model/finding.ts';
import type { Certificate, PemFile, PrivateKey } from './pem-file.ts';

/** Ends of names of private keys, as in `server-key.pem` and `privkey.pem`. */
const KEY_WORD = /(?:^|[-_.])(?:priv(?:ate)?[-_.]?)?key$/i;

/** Ends of names of certificates, as in `ca-cert.pem` and `fullchain.pem`. */
const CERTIFICATE_WORD = /(?:^|[-_.])(?:cert(?:ificate)?|(?:full|cert-)chain)$/i;

/** Certificates that a program presents, and the private keys that may belong to them. */
export interface Identity {
  readonly holder: PemFile;
  /** From the files beside it, else from the file itself; the first of each, as programs use it. */
  readonly keys: readonly PrivateKey[];
}

/** Every file with certificates and a private key, in the file itself or in one with a matching name. */
export function identitiesOf(files: readonly PemFile[]): readonly Identity[] {
  return files
    .filter(({ certificates }) => certificates.length > 0)
    .map((holder) => ({ holder, keys: keysOf(holder, files) }))
    .filter(({ keys }) => keys.length > 0);
}

function keysOf(holder: PemFile, files: readonly PemFile[]): readonly PrivateKey[] {
  const name = pairNameOf(holder.path);
  const beside = files.filter(
    (other) => other !== holder && isForKey(other.path) && pairNameOf(other.path) === name,
  );
  const keys = beside.flatMap((other) => other.keys.slice(0, 1));
  return keys.length > 0 ? keys : holder.keys.slice(0, 1);
}

/** Whether the name is that of a file with only a private key. */
function isForKey(path: string): boolean {
  const extension = extname(path);
  return extension.toLowerCase() === '.key' || KEY_WORD.test(basename(path, extension));
}

/**
 * The directory and the name that a certificate and its key share: `tls.crt` and `tls.key`,
 * `web.pem` and `web-key.pem`, `ca-cert.pem` and `ca-key.pem`, `fullchain.pem` and `privkey.pem`.
 */
function pairNameOf(path: string): string {
  const name = basename(path, extname(path));
  return `${dirname(path)}/${name.replace(KEY_WORD, '').replace(CERTIFICATE_WORD, '')}`;
}

/**
 * The key must belong to the first certificate: programs load no other pair, and a reload with half of a
 * renewed pair takes them down.
 */
export function keyFindings({ holder, keys }: Identity): readonly Finding[] {
  const { certificates, path } = holder;
  const owner = certificates.findIndex((each) => keys.some((key) => belongs(key, each)));
  const [key] = keys;
  if (key === undefined || owner === 0) return [];
  const certificate = certificates[owner];
  if (certificate === undefined) {
    const message = `the private key does not belong to the first certificate of ${basename(path)}`;
    return [findingOf('LG_VALIDATE_CERTIFICATE', [message], key.at)];
  }
  // During a rotation of authorities, both are in the file, in any order.
  if (certificates.every(({ isAuthority }) => isAuthority)) return [];
  const message = 'the certificate of the private key must come first in its file';
  return [findingOf('LG_VALIDATE_CERTIFICATE', [message], certificate.at)];
}

/** A key that cannot be compared may belong to any certificate. */
function belongs({ publicKey: own }: PrivateKey, { publicKey: certified }: Certificate): boolean {
  if (own === undefined || certified === undefined || own === certified) return true;
  // The parameters of a curve can be written in two ways.
  return isOfCurve(own) && isOfCurve(certified) && readKey(own).equals(readKey(certified));
}

/** The object identifier of keys on elliptic curves, after the two lengths before it. */
const CURVE = Buffer.from('06072a8648ce3d0201', 'hex');

function isOfCurve(publicKey: string): boolean {
  const start = Buffer.from(publicKey.slice(0, 64), 'base64');
  return start.includes(CURVE);
}

function readKey(publicKey: string) {
  return createPublicKey({ key: Buffer.from(publicKey, 'base64'), format: 'der', type: 'spki' });
}
