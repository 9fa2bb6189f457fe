import { basename, dirname, extname } from 'node:path/posix';
import type { SnapshotFile } from '@lastgood/core/model/snapshot.ts';

/** Ends of names that say that a private key is inside, as in `server-key.pem` and `privkey.pem`. */
const KEY_WORD = /(?:^|[-_.])(?:priv(?:ate)?[-_.]?)?key$/i;

/** Ends of names that say the same as `.crt`, as in `ca-cert.pem` and `fullchain.pem`. */
const CERTIFICATE_WORD = /(?:^|[-_.])(?:cert(?:ificate)?|(?:full|cert-)chain)$/i;

/** What begins a block in a file whose name does not promise one. */
const BEGIN = /^-----BEGIN (?:[A-Z0-9]+ )*(?:CERTIFICATE|PRIVATE KEY)-----/m;

/** `.key` and `.cer` files are as often binary, or no PEM at all; they count where a block is seen. */
export function looksLikePem({ path, bytes }: SnapshotFile): boolean {
  return /\.(?:key|cer)$/i.test(path) && BEGIN.test(bytes.toString('latin1'));
}

/** A file that programs read certificates from: a private key in it is read by too many. */
export function isForCertificates(path: string): boolean {
  return /\.(?:crt|cer)$/i.test(path) || basename(path) === 'ca.pem';
}

/** Whether the name says that its one private key is all that there is to it. */
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
