import { createPrivateKey, createPublicKey, type KeyObject, X509Certificate } from 'node:crypto';
import { createLines } from '@lastgood/core/formats/lines.ts';
import { parseFile } from '@lastgood/core/formats/parse-file.ts';
import { type Block, pem, readBlocks } from '@lastgood/core/formats/pem.ts';
import { findingOf, warningOf } from '@lastgood/core/model/error.ts';
import type { Finding, Location } from '@lastgood/core/model/finding.ts';
import type { SnapshotFile } from '@lastgood/core/model/snapshot.ts';

/** A file of PEM blocks, read. */
export interface PemFile {
  readonly file: SnapshotFile;
  readonly blockCount: number;
  /** In the order of the file, as are the keys. */
  readonly certificates: readonly Certificate[];
  readonly keys: readonly PrivateKey[];
  /** Why it does not parse as PEM. */
  readonly syntax: readonly Finding[];
  /** Findings about single blocks. */
  readonly findings: readonly Finding[];
}

export interface Certificate {
  readonly x509: X509Certificate;
  readonly at: Location;
}

export interface PrivateKey {
  /** Undefined if it cannot be compared: it needs a passphrase or is an OpenSSH key. */
  readonly key: KeyObject | undefined;
  readonly at: Location;
}

/** The content of one block. */
interface Content {
  readonly certificate?: Certificate;
  readonly key?: PrivateKey;
  readonly finding?: Finding;
}

/** Blocks of which only the base64 is checked. */
const OTHER = /^(?:(?:NEW )?CERTIFICATE REQUEST|X509 CRL|(?:X9\.42 )?\w+ PARAMETERS|PKCS7|CMS)$/;

/** The start of a block, for files whose name does not imply PEM. */
const BEGIN = /^-----BEGIN (?:[A-Z0-9]+ )*(?:CERTIFICATE|PRIVATE KEY)-----/m;

/** `.key` and `.cer` files are often binary; they count as PEM if they have a block. */
export function looksLikePem({ path, bytes }: SnapshotFile): boolean {
  return /\.(?:key|cer)$/i.test(path) && BEGIN.test(bytes.toString('latin1'));
}

/** Reads a PEM file. If it does not parse, only `syntax` is set. Never throws. */
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
    syntax: parsed.ok ? [] : parsed.findings,
    findings: contents.flatMap(({ finding }) => finding ?? []),
  };
}

function contentOf(block: Block, at: Location): Content {
  const { label } = block;
  if (/^(?:X509 |TRUSTED )?CERTIFICATE$/.test(label)) return certificateOf(block, at);
  if (/(?:^| )PRIVATE KEY$/.test(label)) return privateKeyOf(block, at);
  if (/^(?:RSA )?PUBLIC KEY$/.test(label)) return publicKeyOf(block, at);
  if (OTHER.test(label)) return {};
  const message = 'an unknown kind of PEM block; most programs skip it';
  return { finding: warningOf('LG_VALIDATE_CERTIFICATE', [message], at) };
}

function certificateOf({ bytes }: Block, at: Location): Content {
  const x509 = tryRead(() => new X509Certificate(bytes));
  return x509 === undefined ? unreadable('certificate', at) : { certificate: { x509, at } };
}

function privateKeyOf(block: Block, at: Location): Content {
  // OpenSSL does not know OpenSSH's own format.
  if (block.label === 'OPENSSH PRIVATE KEY') return { key: { key: undefined, at } };
  if (block.encrypted || block.label === 'ENCRYPTED PRIVATE KEY') {
    // The app may know the passphrase.
    const message =
      'the private key is encrypted, so lastgood cannot check that it belongs to the certificate';
    const finding = warningOf('LG_VALIDATE_CERTIFICATE', [message], at);
    return { key: { key: undefined, at }, finding };
  }
  const key = tryRead(() => createPrivateKey(textOf(block)));
  return key === undefined ? unreadable('private key', at) : { key: { key, at } };
}

function publicKeyOf(block: Block, at: Location): Content {
  const key = tryRead(() => createPublicKey(textOf(block)));
  return key === undefined ? unreadable('public key', at) : {};
}

/** Its base64 on lines of the usual length: OpenSSL accepts no others, unlike some programs. */
function textOf({ label, bytes }: Block): string {
  // OpenSSL does not accept an empty line at the end, as 48 bytes would give.
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n');
}

/** OpenSSL's messages are not shown: they do not help, and could quote the content. */
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
