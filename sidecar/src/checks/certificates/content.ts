import { basename, dirname, join } from 'node:path/posix';
import { findingOf, warningOf } from '@lastgood/core/model/error.ts';
import type { Finding } from '@lastgood/core/model/finding.ts';
import { isForCertificates } from './names.ts';
import type { PemFile } from './pem-file.ts';

/** Findings about the blocks of one file, missing blocks, and blocks that should not be in it. */
export function contentFindings(read: PemFile, paths: ReadonlySet<string>): readonly Finding[] {
  const { file, blockCount, findings } = read;
  if (blockCount === 0)
    return mayBeBlank(file.path, paths)
      ? []
      : [findingOf('LG_VALIDATE_EMPTY', ['PEM'], { file: file.path, line: 1, column: 1 })];
  const own = [...findings, ...keyWarnings(read)];
  return own.some(({ severity }) => severity === 'error') ? own : [...own, ...missingBlocks(read)];
}

/** cert-manager leaves `ca.crt` blank if it does not know the authority, as with Let's Encrypt. */
function mayBeBlank(path: string, paths: ReadonlySet<string>): boolean {
  return basename(path) === 'ca.crt' && paths.has(join(dirname(path), 'tls.crt'));
}

function keyWarnings({ file, keys }: PemFile): readonly Finding[] {
  const [first] = keys;
  if (first === undefined) return [];
  const second = keys.find(({ key }) => key !== undefined && first.key?.equals(key) === false);
  const findings: Finding[] = [];
  if (isForCertificates(file.path))
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
function missingBlocks({ file: { path }, certificates, keys }: PemFile): readonly Finding[] {
  const at = { file: path, line: 1, column: 1 };
  if (basename(path) === 'tls.crt' && certificates.length === 0)
    return [findingOf('LG_VALIDATE_CERTIFICATE', ['has no certificate'], at)];
  if (basename(path) === 'tls.key' && keys.length === 0)
    return [findingOf('LG_VALIDATE_CERTIFICATE', ['has no private key'], at)];
  return [];
}
