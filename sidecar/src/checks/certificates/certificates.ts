import { basename, dirname, join } from 'node:path/posix';
import { findingOf, warningOf } from '@lastgood/core/model/error.ts';
import type { Finding } from '@lastgood/core/model/finding.ts';
import type { SnapshotFile } from '@lastgood/core/model/snapshot.ts';
import { type Identity, identitiesOf, keyFindings } from './identity.ts';
import type { Certificate, PemFile } from './pem-file.ts';
import { validityFindings } from './validity.ts';

/**
 * Checks certificates and keys by the current time and across files: unreadable ones, expired ones, a
 * chain in the wrong order, and a key of another certificate, as in a half-renewed pair that takes a
 * server down. Never throws.
 *
 * @param read - the PEM files among them that could be read
 * @param nowMs - milliseconds since the epoch
 */
export function checkCertificates(
  files: readonly Pick<SnapshotFile, 'path'>[],
  read: readonly PemFile[],
  nowMs: number,
): readonly Finding[] {
  const sound = read.filter(({ syntax }) => syntax.length === 0);
  const identities = identitiesOf(sound);
  const identified = new Set(identities.map(({ holder }) => holder));
  const chains = sound.filter((each) => !identified.has(each) && isChain(each.certificates));
  const shown = new Set([...identified, ...chains]);
  const paths = new Set(files.map(({ path }) => path));
  return [
    ...read.flatMap(({ syntax }) => syntax),
    ...sound.flatMap((each) => contentFindings(each, paths)),
    ...identities.flatMap(identityFindings),
    ...chains.flatMap(({ chain }) => chain),
    ...sound.flatMap((each) => validityFindings(each, shown.has(each), nowMs)),
  ];
}

/** Whether it is a certificate with its authorities, not a collection of trusted authorities. */
function isChain([first, ...rest]: readonly Certificate[]): boolean {
  if (first === undefined || rest.length === 0 || first.isAuthority || first.isRoot) return false;
  return rest.every(({ isAuthority }) => isAuthority);
}

/** If the key is wrong, the chain is not checked: its order is wrong too. */
function identityFindings(identity: Identity): readonly Finding[] {
  const ofKey = keyFindings(identity);
  return ofKey.length > 0 ? ofKey : identity.holder.chain;
}

/** Findings about the blocks of one file, missing blocks, and blocks that should not be in it. */
function contentFindings(read: PemFile, paths: ReadonlySet<string>): readonly Finding[] {
  const { path } = read;
  if (read.blockCount === 0) {
    // cert-manager leaves `ca.crt` blank if it does not know the authority, as with Let's Encrypt.
    if (basename(path) === 'ca.crt' && paths.has(join(dirname(path), 'tls.crt'))) return [];
    return [findingOf('LG_VALIDATE_EMPTY', ['PEM'], { file: path, line: 1, column: 1 })];
  }
  const own = [...read.findings, ...keyWarnings(read)];
  return own.some(({ severity }) => severity === 'error') ? own : [...own, ...missingBlocks(read)];
}

function keyWarnings({ path, keys }: PemFile): readonly Finding[] {
  const [first] = keys;
  if (first === undefined) return [];
  const second = keys.find(
    ({ publicKey }) =>
      publicKey !== undefined && first.publicKey !== undefined && publicKey !== first.publicKey,
  );
  const findings: Finding[] = [];
  if (/\.(?:crt|cer)$/i.test(path) || basename(path) === 'ca.pem')
    findings.push(
      warning('a private key in a file for certificates, which more programs may read', first),
    );
  if (second !== undefined)
    findings.push(warning('a second private key; programs use only the first one', second));
  return findings;
}

function warning(message: string, { at }: PemFile['keys'][number]): Finding {
  return warningOf('LG_VALIDATE_CERTIFICATE', [message], at);
}

/** For the two files of a Secret of type kubernetes.io/tls, which people sometimes swap. */
function missingBlocks({ path, certificates, keys }: PemFile): readonly Finding[] {
  const at = { file: path, line: 1, column: 1 };
  if (basename(path) === 'tls.crt' && certificates.length === 0)
    return [findingOf('LG_VALIDATE_CERTIFICATE', ['has no certificate'], at)];
  if (basename(path) === 'tls.key' && keys.length === 0)
    return [findingOf('LG_VALIDATE_CERTIFICATE', ['has no private key'], at)];
  return [];
}
