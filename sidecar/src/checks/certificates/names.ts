import { basename, dirname, extname } from 'node:path/posix';
import type { SnapshotFile } from '@lastgood/core/model/snapshot.ts';

/** Ends of names of private keys, as in `server-key.pem` and `privkey.pem`. */
const KEY_WORD = /(?:^|[-_.])(?:priv(?:ate)?[-_.]?)?key$/i;

/** Ends of names of certificates, as in `ca-cert.pem` and `fullchain.pem`. */
const CERTIFICATE_WORD = /(?:^|[-_.])(?:cert(?:ificate)?|(?:full|cert-)chain)$/i;

/** The start of a block, for files whose name does not imply PEM. */
const BEGIN = /^-----BEGIN (?:[A-Z0-9]+ )*(?:CERTIFICATE|PRIVATE KEY)-----/m;

/** `.key` and `.cer` files are often binary; they count as PEM if they have a block. */
export function looksLikePem({ path, bytes }: SnapshotFile): boolean {
  return /\.(?:key|cer)$/i.test(path) && BEGIN.test(bytes.toString('latin1'));
}

/** Whether programs read certificates from it, and so too many can read a private key in it. */
export function isForCertificates(path: string): boolean {
  return /\.(?:crt|cer)$/i.test(path) || basename(path) === 'ca.pem';
}

/** Whether the name is that of a file with only a private key. */
export function isForKey(path: string): boolean {
  const extension = extname(path);
  return extension.toLowerCase() === '.key' || KEY_WORD.test(basename(path, extension));
}

/**
 * The directory and the name that a certificate and its key share: `tls.crt` and `tls.key`,
 * `web.pem` and `web-key.pem`, `ca-cert.pem` and `ca-key.pem`, `fullchain.pem` and `privkey.pem`.
 */
export function pairNameOf(path: string): string {
  const name = basename(path, extname(path));
  return `${dirname(path)}/${name.replace(KEY_WORD, '').replace(CERTIFICATE_WORD, '')}`;
}
