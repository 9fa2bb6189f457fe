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
 * Checks certificates and keys by the current time and across files: unreadable ones, expired ones, a
 * chain in the wrong order, and a key of another certificate, as in a half-renewed pair that takes a
 * server down. Never throws.
 *
 * @param isPem - whether the file is parsed as PEM anyway, so that its syntax is already reported
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
  const unparsed = read.filter(({ file }) => !isPem(file));
  const sound = read.filter(({ syntax }) => syntax.length === 0);
  const identities = identitiesOf(sound);
  const identified = new Set(identities.map(({ holder }) => holder));
  const chains = sound.filter((each) => !identified.has(each) && isChain(each.certificates));
  const shown = new Set([...identified, ...chains]);
  const paths = new Set(files.map(({ path }) => path));
  return [
    ...unparsed.flatMap(({ syntax }) => syntax),
    ...sound.flatMap((each) => contentFindings(each, paths)),
    ...identities.flatMap(identityFindings),
    ...chains.flatMap(({ certificates }) => chainFindings(certificates)),
    ...sound.flatMap((each) => validityFindings(each, shown.has(each), nowMs)),
  ];
}

/** If the key is wrong, the chain is not checked: its order is wrong too. */
function identityFindings(identity: Identity): readonly Finding[] {
  const ofKey = keyFindings(identity);
  return ofKey.length > 0 ? ofKey : chainFindings(identity.holder.certificates);
}
