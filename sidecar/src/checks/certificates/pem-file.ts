import { createPrivateKey, createPublicKey, type KeyObject, X509Certificate } from 'node:crypto';
import { basename } from 'node:path/posix';
import { decode } from '@lastgood/core/formats/encoding.ts';
import { createLines } from '@lastgood/core/formats/lines.ts';
import { parseFile } from '@lastgood/core/formats/parse-file.ts';
import { type Block, DER, isDer, pem, readBlocks } from '@lastgood/core/formats/pem.ts';
import { findingOf, warningOf } from '@lastgood/core/model/error.ts';
import type { Finding, Location } from '@lastgood/core/model/finding.ts';
import type { SnapshotFile } from '@lastgood/core/model/snapshot.ts';
import { tryTo } from '@lastgood/core/model/try-to.ts';
import { chainFindings, isRoot, type ReadCertificate } from './chain.ts';

/**
 * What the checks need of a file of PEM blocks. It is plain data, so a large file is read in a worker thread
 * and its result is kept until the content changes. It has no private key in it.
 */
export interface PemFile {
  readonly path: string;
  readonly secret: boolean;
  readonly blockCount: number;
  /** In the order of the file, as are the keys. */
  readonly certificates: readonly Certificate[];
  readonly keys: readonly PrivateKey[];
  /** Why it does not parse as PEM. */
  readonly syntax: readonly Finding[];
  /** Findings about single blocks. */
  readonly findings: readonly Finding[];
  /** Findings about the order of its certificates, if they are a chain. */
  readonly chain: readonly Finding[];
}

export interface Certificate {
  readonly at: Location;
  readonly isAuthority: boolean;
  /** It signs itself: a client has its own copy, or does not trust it. */
  readonly isRoot: boolean;
  /** Milliseconds since the epoch; NaN if it cannot be read. */
  readonly fromMs: number;
  readonly toMs: number;
  /** Left out if missing, or if it could forge a line of a log. */
  readonly commonName: string | undefined;
  /** Indexes of the certificates of the file that have the name of its issuer, except itself. */
  readonly issuers: readonly number[];
  /** In base64; undefined if OpenSSL does not know this kind of key. */
  readonly publicKey: string | undefined;
}

export interface PrivateKey {
  /** Of its public key; undefined if it cannot be compared: it needs a passphrase or is an OpenSSH key. */
  readonly publicKey: string | undefined;
  readonly at: Location;
}

/** More certificates in one file are not checked: the usual collections have less than 200. */
const MAX_CERTIFICATES = 500;

/** The content of one block. */
interface Content {
  readonly certificate?: ReadCertificate;
  readonly key?: PrivateKey;
  readonly finding?: Finding;
}

/** Blocks of which only the base64 is checked. */
const OTHER = /^(?:(?:NEW )?CERTIFICATE REQUEST|X509 CRL|(?:X9\.42 )?\w+ PARAMETERS|PKCS7|CMS)$/;

/** The start of a block, for files whose name does not imply PEM. */
const BEGIN = /^-----BEGIN (?:[A-Z0-9]+ )*(?:CERTIFICATE|PRIVATE KEY)-----/m;

/** Whether a file is PEM by its name, or PEM or DER by its content: `.key` and `.cer` files are often binary. */
export function looksLikePem({ path, bytes }: SnapshotFile): boolean {
  if (basename(path) === 'tls.key') return true;
  if (/\.(?:cer|der)$/i.test(path) && isDer(bytes)) return true;
  if (!/\.(?:key|cer)$/i.test(path) || !bytes.includes('-----BEGIN ')) return false;
  return BEGIN.test(bytes.toString('latin1'));
}

/** Reads a PEM file. If it does not parse, only `syntax` is set. Never throws. */
export function readPemFile(file: SnapshotFile): PemFile {
  const { path, secret } = file;
  const parsed = parseFile(file, pem);
  const { text } = decode(file.bytes, 'pem');
  const { blocks } = parsed.ok ? readBlocks(text) : { blocks: [] };
  const positionOf = createLines(text);
  const read: ReadCertificate[] = [];
  const keys: PrivateKey[] = [];
  const findings: Finding[] = [];
  for (const block of blocks) {
    const at = { file: path, ...positionOf(block.offset) };
    if (read.length === MAX_CERTIFICATES) {
      findings.push(warningOf('LG_VALIDATE_CERTIFICATE', [TOO_MANY], at));
      break;
    }
    const { certificate, key, finding } = contentOf(block, at);
    if (certificate !== undefined) read.push(certificate);
    if (key !== undefined) keys.push(key);
    if (finding !== undefined) findings.push(finding);
  }
  return {
    path,
    secret,
    blockCount: blocks.length,
    certificates: describeCertificates(read),
    keys,
    syntax: parsed.ok ? [] : parsed.findings,
    findings,
    chain: chainFindings(read),
  };
}

const TOO_MANY = `lastgood checks only the first ${MAX_CERTIFICATES} certificates of a file`;

function describeCertificates(read: readonly ReadCertificate[]): readonly Certificate[] {
  const indexes = read.map((each, index) => ({ each, index }));
  const bySubject = Map.groupBy(indexes, ({ each }) => each.x509.subject);
  return read.map(({ x509, at }, own) => ({
    at,
    isAuthority: x509.ca,
    isRoot: isRoot(x509),
    ...validityOf(x509),
    commonName: commonNameOf(x509),
    issuers: (bySubject.get(x509.issuer) ?? [])
      .slice(0, MAX_ISSUERS)
      .flatMap(({ index }) => (index === own ? [] : index)),
    publicKey: tryTo(() => encode(x509.publicKey)),
  }));
}

/** More certificates of one name are not told apart. */
const MAX_ISSUERS = 8;

/** Undefined if missing, or if it could forge a line of a log. */
export function commonNameOf(x509: X509Certificate): string | undefined {
  const { CN } = x509.toLegacyObject().subject;
  return typeof CN === 'string' && /^[\w .*@:-]{1,64}$/.test(CN) ? CN : undefined;
}

/** In milliseconds since the epoch; NaN if it cannot be read, and Node.js gives any date for it. */
export function validityOf(x509: X509Certificate) {
  const { validFrom, validFromDate, validTo, validToDate } = x509;
  return {
    fromMs: validFrom === UNREADABLE ? Number.NaN : validFromDate.getTime(),
    toMs: validTo === UNREADABLE ? Number.NaN : validToDate.getTime(),
  };
}

/** Source: OpenSSL, ASN1_TIME_print(3). */
const UNREADABLE = 'Bad time value';

function encode(publicKey: KeyObject): string {
  return publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
}

function contentOf(block: Block, at: Location): Content {
  const { label } = block;
  if (label === DER) return derContent(block, at);
  if (/^(?:X509 |TRUSTED )?CERTIFICATE$/.test(label)) return certificateOf(block, at);
  if (/(?:^| )PRIVATE KEY$/.test(label)) return privateKeyOf(block, at);
  if (/^(?:RSA )?PUBLIC KEY$/.test(label)) return publicKeyOf(block, at);
  if (OTHER.test(label)) return {};
  const message = 'an unknown kind of PEM block; most programs skip it';
  return { finding: warningOf('LG_VALIDATE_CERTIFICATE', [message], at) };
}

/** What OpenSSL reads: a certificate, a key, or a container whose content is not checked. */
function derContent({ bytes }: Block, at: Location): Content {
  const x509 = tryTo(() => new X509Certificate(bytes));
  if (x509 !== undefined) return { certificate: { x509, at } };
  const key = DER_KEYS.map((type) =>
    tryTo(() => createPrivateKey({ key: bytes, format: 'der', type })),
  ).find((each) => each !== undefined);
  if (key === undefined) return isOther(bytes) ? {} : unreadable('certificate or key', at);
  return { key: { publicKey: tryTo(() => encode(createPublicKey(key))), at } };
}

const DER_KEYS = ['pkcs8', 'sec1', 'pkcs1'] as const;

/** The beginning of a sequence in DER, in hexadecimal digits. */
const SEQUENCE = '30(?:82.{4}|81..|[0-7].)';
/** PKCS #7, PKCS #12, a list of revoked certificates, or a private key that needs a passphrase. */
const OTHER_DER = new RegExp(
  `^${SEQUENCE}(?:06092a864886f70d0107|020103${SEQUENCE}06|${SEQUENCE}(?:(?:020101)?${SEQUENCE}06|06..2a864886f70d01(?:05|0c)))`,
);

/** What OpenSSL reads from DER besides certificates and private keys. */
function isOther(bytes: Buffer): boolean {
  if (OTHER_DER.test(bytes.toString('hex', 0, 64))) return true;
  return tryTo(() => createPublicKey({ key: bytes, format: 'der', type: 'spki' })) !== undefined;
}

function certificateOf({ bytes }: Block, at: Location): Content {
  const x509 = tryTo(() => new X509Certificate(bytes));
  return x509 === undefined ? unreadable('certificate', at) : { certificate: { x509, at } };
}

function privateKeyOf(block: Block, at: Location): Content {
  // OpenSSL does not know OpenSSH's own format.
  if (block.label === 'OPENSSH PRIVATE KEY') return { key: { publicKey: undefined, at } };
  if (block.encrypted || block.label === 'ENCRYPTED PRIVATE KEY') {
    // The app may know the passphrase.
    const message =
      'the private key is encrypted, so lastgood cannot check that it belongs to the certificate';
    const finding = warningOf('LG_VALIDATE_CERTIFICATE', [message], at);
    return { key: { publicKey: undefined, at }, finding };
  }
  const key = tryTo(() => createPrivateKey(textOf(block)));
  if (key === undefined) return unreadable('private key', at);
  return { key: { publicKey: tryTo(() => encode(createPublicKey(key))), at } };
}

function publicKeyOf(block: Block, at: Location): Content {
  const key = tryTo(() => createPublicKey(textOf(block)));
  return key === undefined ? unreadable('public key', at) : {};
}

/** Its base64 on lines of the usual length: OpenSSL accepts no others, unlike some programs. */
function textOf({ label, bytes }: Block): string {
  // OpenSSL does not accept an empty line at the end, as 48 bytes would give.
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n');
}

/** Without OpenSSL's message, which does not help and could quote the content. */
function unreadable(what: string, at: Location): Content {
  const message = `the ${what} cannot be read`;
  return { finding: findingOf('LG_VALIDATE_CERTIFICATE', [message], at) };
}
