import { createPrivateKey, createPublicKey, type KeyObject, X509Certificate } from 'node:crypto';
import { createLines } from '@lastgood/core/formats/lines.ts';
import { pem } from '@lastgood/core/formats/pem.ts';
import { type Block, readBlocks } from '@lastgood/core/formats/pem-blocks.ts';
import { findingOf, warningOf } from '@lastgood/core/model/error.ts';
import type { Finding, Location } from '@lastgood/core/model/finding.ts';
import type { SnapshotFile } from '@lastgood/core/model/snapshot.ts';
import { parseFile } from '../parse-file.ts';

/** A file of PEM blocks, read. */
export interface PemFile {
  readonly file: SnapshotFile;
  readonly blockCount: number;
  /** In the order of the file, as are the keys. */
  readonly certificates: readonly Certificate[];
  readonly keys: readonly PrivateKey[];
  /** Why it does not parse as PEM. */
  readonly problems: readonly Finding[];
  /** What is wrong with single blocks. */
  readonly findings: readonly Finding[];
}

export interface Certificate {
  readonly x509: X509Certificate;
  readonly at: Location;
}

export interface PrivateKey {
  /** Undefined: it cannot be compared, since it needs a passphrase or is an OpenSSH key. */
  readonly key: KeyObject | undefined;
  readonly at: Location;
}

/** One block, understood. */
interface Content {
  readonly certificate?: Certificate;
  readonly key?: PrivateKey;
  readonly finding?: Finding;
}

/** Blocks that nobody needs to look into: their base64 is enough. */
const OTHER = /^(?:(?:NEW )?CERTIFICATE REQUEST|X509 CRL|(?:X9\.42 )?\w+ PARAMETERS|PKCS7|CMS)$/;

/** Never throws; of a file that does not parse, only its problems are known. */
export function readPemFile(file: SnapshotFile): PemFile {
  const parsed = parseFile(file, pem);
  const text = file.bytes.toString('utf8');
  const { blocks } = parsed.ok ? readBlocks(text) : { blocks: [] };
  const positionOf = createLines(text);
  const contents = blocks.map((block) =>
    contentOf(block, { file: file.path, ...positionOf(block.offset) }),
  );
  return {
    file,
    blockCount: blocks.length,
    certificates: contents.flatMap(({ certificate }) => certificate ?? []),
    keys: contents.flatMap(({ key }) => key ?? []),
    problems: parsed.ok ? [] : parsed.findings,
    findings: contents.flatMap(({ finding }) => finding ?? []),
  };
}

function contentOf(block: Block, at: Location): Content {
  const { label } = block;
  if (/^(?:X509 |TRUSTED )?CERTIFICATE$/.test(label)) return certificateOf(block, at);
  if (/(?:^| )PRIVATE KEY$/.test(label)) return privateKeyOf(block, at);
  if (/^(?:RSA )?PUBLIC KEY$/.test(label)) return publicKeyOf(block, at);
  if (OTHER.test(label)) return {};
  const message = 'a kind of PEM block that is not known; most programs skip it';
  return { finding: warningOf('LG_VALIDATE_CERTIFICATE', [message], at) };
}

function certificateOf({ bytes }: Block, at: Location): Content {
  const x509 = tryRead(() => new X509Certificate(bytes));
  return x509 === undefined ? unreadable('certificate', at) : { certificate: { x509, at } };
}

function privateKeyOf(block: Block, at: Location): Content {
  // The own format of OpenSSH is not known to OpenSSL.
  if (block.label === 'OPENSSH PRIVATE KEY') return { key: { key: undefined, at } };
  if (block.encrypted || block.label === 'ENCRYPTED PRIVATE KEY') return encryptedAt(at);
  const key = tryRead(() => createPrivateKey(textOf(block)));
  return key === undefined ? unreadable('private key', at) : { key: { key, at } };
}

/** Accepted, since the app may well know the passphrase, but not silently: nobody holds it against its certificate. */
function encryptedAt(at: Location): Content {
  const message =
    'the private key is encrypted, so nobody can tell here whether it is the right one';
  const finding = warningOf('LG_VALIDATE_CERTIFICATE', [message], at);
  return { key: { key: undefined, at }, finding };
}

function publicKeyOf(block: Block, at: Location): Content {
  const key = tryRead(() => createPublicKey(textOf(block)));
  return key === undefined ? unreadable('public key', at) : {};
}

/** Its base64 on lines of the usual length: OpenSSL takes no others, and some programs do. */
function textOf({ label, bytes }: Block): string {
  // An empty line at the end, as 48 bytes would give, is too much for OpenSSL.
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n');
}

/** What OpenSSL says is not passed on: it helps nobody, and could quote the content. */
function tryRead<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

function unreadable(what: string, at: Location): Content {
  const message = `the ${what} cannot be read`;
  return { finding: findingOf('LG_VALIDATE_CERTIFICATE', [message], at) };
}
