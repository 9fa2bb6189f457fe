import { basename } from 'node:path/posix';
import type { Finding } from '@lastgood/core/model/finding.ts';
import type { SnapshotFile } from '@lastgood/core/model/snapshot.ts';
import { chainFindings, isChain } from './chain.ts';
import { contentFindings } from './content.ts';
import { type Identity, identitiesOf, keyFindings } from './identity.ts';
import { looksLikePem } from './names.ts';
import { readPemFile } from './pem-file.ts';
import { validityFindings } from './validity.ts';

/**
 * Everything about certificates and keys that needs the time or several files: what cannot be read,
 * what is out of its time, a chain in the wrong order, and a key that belongs to another certificate,
 * which is how a half-renewed pair takes a server down. Never throws.
 *
 * @param isPem - whether the file is parsed as PEM, so that what does not parse was told already
 * @param nowMs - milliseconds since the epoch
 */
export function checkCertificates(
  files: readonly SnapshotFile[],
  isPem: (file: SnapshotFile) => boolean,
  nowMs: number,
): readonly Finding[] {
  const isRead = (file: SnapshotFile) =>
    isPem(file) || basename(file.path) === 'tls.key' || looksLikePem(file);
  const read = files.filter(isRead).map(readPemFile);
  const untold = read.filter(({ file }) => !isPem(file));
  const sound = read.filter(({ problems }) => problems.length === 0);
  const identities = identitiesOf(sound);
  const identified = new Set(identities.map(({ holder }) => holder));
  const chains = sound.filter((each) => !identified.has(each) && isChain(each.certificates));
  const shown = new Set([...identified, ...chains]);
  const paths = new Set(files.map(({ path }) => path));
  return [
    ...untold.flatMap(({ problems }) => problems),
    ...sound.flatMap((each) => contentFindings(each, paths)),
    ...identities.flatMap(identityFindings),
    ...chains.flatMap(({ certificates }) => chainFindings(certificates)),
    ...sound.flatMap((each) => validityFindings(each, shown.has(each), nowMs)),
  ];
}

/** Where the key is wrong, the order of the chain is wrong too and says nothing more. */
function identityFindings(identity: Identity): readonly Finding[] {
  const ofKey = keyFindings(identity);
  return ofKey.length > 0 ? ofKey : chainFindings(identity.holder.certificates);
}
