import assert from 'node:assert/strict';
import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { type Finding, formatFinding } from '@lastgood/core/model/finding.ts';
import { fileOf } from '../../steps/validate/snapshot.testing.ts';
import { type Issued, issue, keyPair } from './certificate.testing.ts';
import { checkCertificates } from './certificates.ts';
import { looksLikePem, readPemFile } from './pem-file.ts';

const NOW_MS = Date.parse('2026-06-01T12:00:00Z');
const EXPIRED = '2026-05-31T23:59:59Z';

const root = await issue({ name: 'root', ca: true });
const oldRoot = await issue({ name: 'old root', ca: true, to: EXPIRED });
/** The root's name and key, signed by the old root, as until clients know the new one. */
const crossSigned = await issue({
  name: 'root',
  ca: true,
  by: oldRoot,
  keys: root.keys,
  to: EXPIRED,
});
const authority = await issue({ name: 'authority', ca: true, by: root });
const oldAuthority = await issue({
  name: 'authority',
  ca: true,
  by: root,
  keys: authority.keys,
  to: EXPIRED,
});
const web = await issue({ name: 'web.example', by: authority });
const oldWeb = await issue({ name: 'web.example', by: authority, to: EXPIRED });

function findingsIn(chain: readonly Issued[], key: Issued = web): readonly Finding[] {
  const text = chain.map(({ certificate }) => certificate).join('');
  const files = [fileOf('tls.crt', text), fileOf('tls.key', key.key)];
  return checkCertificates(files, files.map(readPemFile), NOW_MS);
}

function severitiesIn(chain: readonly Issued[], key?: Issued): readonly string[] {
  return findingsIn(chain, key)
    .filter(({ message }) => message.includes('expired'))
    .map(({ severity }) => severity);
}

test('an expired certificate above a valid intermediate is a warning', () => {
  assert.deepEqual(severitiesIn([web, authority, crossSigned]), ['warning']);
  assert.deepEqual(severitiesIn([web, authority, crossSigned, oldRoot]), ['warning', 'warning']);
  assert.deepEqual(severitiesIn([web, oldAuthority, authority]), ['warning']);
});

test('a chain that a client cannot verify without the expired certificate is an error', () => {
  assert.deepEqual(severitiesIn([web, oldAuthority]), ['error']);
  assert.deepEqual(severitiesIn([web, oldAuthority, crossSigned]), ['error', 'error']);
  assert.deepEqual(severitiesIn([oldWeb, authority]), ['error']);
});

test('certificates that did not issue each other take time in proportion to their number', async () => {
  const keys = keyPair();
  const many = await Promise.all(
    Array.from({ length: 372 }, () => issue({ name: 'same', ca: true, by: root, keys })),
  );
  // Each with each would be 69,000 signatures.
  const before = process.cpuUsage();
  const found = findingsIn([web, ...many]);
  const { user } = process.cpuUsage(before);
  assert.ok(user < 4_000_000, `${user} µs`);
  assert.ok(found.every(({ severity }) => severity === 'warning'));
});

test('of a long list of certificates the first ones are checked, and a warning says so', () => {
  const read = readPemFile(fileOf('ca.crt', root.certificate.repeat(501)));
  assert.equal(read.certificates.length, 500);
  assert.deepEqual(
    read.findings.map(({ message, severity, location }) => [message, severity, location?.line]),
    [
      [
        'lastgood checks only the first 500 certificates of a file',
        'warning',
        500 * root.certificate.split('\n').length - 500 + 1,
      ],
    ],
  );
});

test('a block of half a million lines is read without keeping them', () => {
  const lines = 'AA==\n'.replace('==', 'AA').repeat(500_000 / 5);
  const text = `-----BEGIN CERTIFICATE-----\n${lines.replaceAll('AAAA', 'A\nA\nA\nA')}-----END CERTIFICATE-----\n`;
  const read = readPemFile(fileOf('tls.crt', text));
  assert.deepEqual(
    read.findings.map(({ message }) => message),
    ['the certificate cannot be read'],
  );
});

const derOf = (pem: string) => Buffer.from(pem.replaceAll(/-----[^-]*-----/g, ''), 'base64');

test('P11: certificates and keys in DER are checked as those in PEM', () => {
  const old = fileOf('ca.crt', derOf(oldRoot.certificate));
  assert.deepEqual(
    checkCertificates([old], [readPemFile(old)], NOW_MS).map(({ message }) => message),
    ['the certificate "old root" expired on 2026-05-31 23:59 UTC'],
  );
  for (const key of [web, root]) {
    const files = [fileOf('tls.crt', derOf(web.certificate)), fileOf('tls.key', derOf(key.key))];
    const found = checkCertificates(files, files.map(readPemFile), NOW_MS);
    assert.equal(found.length, key === web ? 0 : 1);
  }
  assert.ok(looksLikePem(fileOf('server.cer', derOf(web.certificate))));
  assert.ok(!looksLikePem(fileOf('server.cer', 'text')));
});

test('DER that OpenSSL cannot read is an error, and what it reads otherwise is not', () => {
  const said = (bytes: Buffer) => readPemFile(fileOf('ca.crt', bytes)).findings.map(formatFinding);
  const certificate = derOf(web.certificate);
  const broken = Buffer.from(certificate);
  broken.fill(0, 40, 60);
  const unreadable = 'ca.crt:1:1: the certificate or key cannot be read [LG_VALIDATE_CERTIFICATE]';
  assert.deepEqual(said(broken), [unreadable]);
  assert.deepEqual(said(Buffer.concat([certificate, certificate])), []);
  const publicKey = createPublicKey(web.key);
  assert.deepEqual(said(publicKey.export({ type: 'spki', format: 'der' })), []);
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const options = { type: 'pkcs8', format: 'der', cipher: 'aes256', passphrase: 'x' } as const;
  assert.deepEqual(said(privateKey.export(options)), []);
  // The beginnings of PKCS #7, of PKCS #12 and of a list of revoked certificates.
  for (const start of ['06092a864886f70d010702', '020103308209850609', '304e020101300d0609'])
    assert.deepEqual(said(Buffer.from(`3068${start.padEnd(208, '0')}`, 'hex')), []);
});
