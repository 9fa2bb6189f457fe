import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { Integer, Utf8String } from 'asn1js';
import {
  AltName,
  AttributeTypeAndValue,
  BasicConstraints,
  Certificate,
  Extension,
  GeneralName,
} from 'pkijs';

/** A certificate with its private key, as PEM and as what issues others. */
export interface Issued {
  readonly certificate: string;
  readonly key: string;
  readonly name: string;
  readonly keys: KeyPair;
}

interface KeyPair {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

export interface Issue {
  /** The common name; '': no subject at all, as of certificates that have only alternative names. */
  readonly name: string;
  /** Left out: it signs itself. */
  readonly by?: Issued;
  readonly ca?: boolean;
  readonly from?: string;
  readonly to?: string;
  /** Of a certificate that is renewed for the key that there is. */
  readonly keys?: KeyPair;
  /** The names of hosts that it is for. */
  readonly hosts?: readonly string[];
  /** Its serial number; 1 by default. */
  readonly serial?: Uint8Array<ArrayBuffer>;
}

const COMMON_NAME = '2.5.4.3';
const BASIC_CONSTRAINTS = '2.5.29.19';
const ALTERNATIVE_NAMES = '2.5.29.17';
/** In an alternative name: that of a host. */
const DNS_NAME = 2;

export function keyPair(): KeyPair {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' });
}

/** A certificate that is valid all through 2026, unless told otherwise. */
export async function issue(wanted: Issue) {
  const { name, by, ca = false, keys = keyPair(), hosts = [], ...valid } = wanted;
  const serialNumber = new Integer({ valueHex: wanted.serial ?? Uint8Array.of(1) });
  const certificate = new Certificate({ version: 2, serialNumber });
  nameIt(certificate.subject, name);
  nameIt(certificate.issuer, by?.name ?? name);
  certificate.notBefore.value = new Date(valid.from ?? '2026-01-01T00:00:00Z');
  certificate.notAfter.value = new Date(valid.to ?? '2027-01-01T00:00:00Z');
  certificate.extensions = [authority(ca), ...(hosts.length === 0 ? [] : [namesOf(hosts)])];
  await certificate.subjectPublicKeyInfo.importKey(asCryptoKey(keys.publicKey, 'verify'));
  await certificate.sign(asCryptoKey((by?.keys ?? keys).privateKey, 'sign'), 'SHA-256');
  const der = Buffer.from(certificate.toSchema(true).toBER(false));
  const key = keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  return { certificate: pemOf('CERTIFICATE', der), key, name, keys } satisfies Issued;
}

/** Bytes as one block of PEM. */
export function pemOf(label: string, bytes: Buffer): string {
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n');
}

function nameIt(names: Certificate['subject'], value: string): void {
  if (value === '') return;
  names.typesAndValues.push(
    new AttributeTypeAndValue({ type: COMMON_NAME, value: new Utf8String({ value }) }),
  );
}

function authority(ca: boolean): Extension {
  const extnValue = new BasicConstraints({ cA: ca }).toSchema().toBER(false);
  return new Extension({ extnID: BASIC_CONSTRAINTS, critical: true, extnValue });
}

function namesOf(hosts: readonly string[]): Extension {
  const altNames = hosts.map((value) => new GeneralName({ type: DNS_NAME, value }));
  const extnValue = new AltName({ altNames }).toSchema().toBER(false);
  return new Extension({ extnID: ALTERNATIVE_NAMES, extnValue });
}

function asCryptoKey(key: KeyObject, use: 'sign' | 'verify') {
  const kind =
    key.asymmetricKeyType === 'rsa'
      ? { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }
      : { name: 'ECDSA', namedCurve: 'P-256' };
  return key.toCryptoKey(kind, true, [use]);
}
