import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { formatOfPath } from '@lastgood/core/formats/formats.ts';
import { formatFinding } from '@lastgood/core/model/finding.ts';
import type { SnapshotFile } from '@lastgood/core/model/snapshot.ts';
import { fc } from '../../../../test/property.ts';
import { fileOf } from '../../steps/validate/snapshot.testing.ts';
import { issue, keyPair, pemOf } from './certificate.testing.ts';
import { checkCertificates } from './certificates.ts';
import { looksLikePem, readPemFile } from './pem-file.ts';

const NOW = '2026-06-01T12:00:00Z';

const root = await issue({ name: 'root', ca: true });
const authority = await issue({ name: 'authority', ca: true, by: root });
const web = await issue({ name: 'web.example', by: authority });
const other = await issue({ name: 'other.example', by: authority });
const namesake = await issue({ name: 'authority', ca: true, by: root });
const rival = await issue({ name: 'rival', ca: true });
const old = await issue({ name: 'web.example', by: authority, to: '2026-05-31T23:59:59Z' });
const oldRoot = await issue({
  name: 'root',
  ca: true,
  to: '2026-05-31T23:59:59Z',
  keys: root.keys,
});
const nameless = await issue({ name: '', by: root, to: '2026-05-31T23:59:59Z' });
const forger = await issue({ name: 'a\nb: ok', to: '2026-05-31T23:59:59Z' });
const future = await issue({ name: 'web.example', from: '2026-06-01T12:06:00Z' });
const ahead = await issue({ name: 'web.example', from: '2026-06-01T12:04:00Z' });
const ending = await issue({ name: 'web.example', to: '2026-06-08T11:00:00Z' });
const short = { from: '2026-06-01T00:00:00Z', to: '2026-06-02T00:00:00Z' };
const daily = await issue({ name: 'web.example', ...short });

function pemsOf(...issued: readonly { readonly certificate: string }[]): string {
  return issued.map(({ certificate }) => certificate).join('');
}

function bytesIn(text: string): Buffer {
  return Buffer.from(text.replaceAll(/-----.*-----/g, ''), 'base64');
}

function isPemName(path: string): boolean {
  return formatOfPath(path).name === 'pem';
}

function isPem(file: SnapshotFile): boolean {
  return isPemName(file.path) || looksLikePem(file);
}

type Files = Readonly<Record<string, string | Buffer>>;

function findingsIn(files: Files, secret = false, now = NOW) {
  const snapshot = Object.entries(files).map(([path, bytes]) => fileOf(path, bytes, secret));
  const read = snapshot.filter(isPem).map(readPemFile);
  // Those that do not parse are already reported, if they are PEM by their name.
  const sound = read.filter(({ path, syntax }) => syntax.length === 0 || !isPemName(path));
  return checkCertificates(snapshot, sound, Date.parse(now));
}

/** `error tls.crt:1:1: …`, without the code. */
function said(files: Files, secret = false, now = NOW): readonly string[] {
  return findingsIn(files, secret, now).map((finding) =>
    `${finding.severity} ${formatFinding(finding)}`.replace(/ \[LG_VALIDATE_CERTIFICATE\]$/, ''),
  );
}

const ENCRYPTED = {
  type: 'pkcs8',
  format: 'pem',
  cipher: 'aes-256-cbc',
  passphrase: 'hunter2',
} as const;

const encryptedKey = web.keys.privateKey.export(ENCRYPTED).toString();
const legacyKey = web.keys.privateKey.export({ ...ENCRYPTED, type: 'sec1' }).toString();

const ACCEPTED: Readonly<Record<string, Files>> = {
  'a TLS Secret': { 'tls.crt': pemsOf(web, authority), 'tls.key': web.key },
  'a TLS Secret of cert-manager': {
    'db/tls.crt': pemsOf(web, authority, root),
    'db/tls.key': web.key,
    'db/ca.crt': pemsOf(root),
  },
  'a blank ca.crt of cert-manager': { 'tls.crt': pemsOf(web), 'tls.key': web.key, 'ca.crt': '' },
  'a self-signed authority that shows itself': { 'tls.crt': pemsOf(root), 'tls.key': root.key },
  'certificate and key in one file, as of a kubelet': { 'kubelet.pem': pemsOf(web) + web.key },
  'the key before its certificates, as for HAProxy': {
    'haproxy.pem': web.key + pemsOf(web, authority),
  },
  'a key of the older form': {
    'tls.crt': pemsOf(web),
    'tls.key': web.keys.privateKey.export({ type: 'sec1', format: 'pem' }).toString(),
  },
  'a pair in two directories that only look alike': {
    'a/tls.crt': pemsOf(web),
    'a/tls.key': web.key,
    'b/tls.crt': pemsOf(other),
    'b/tls.key': other.key,
  },
  'a collection of authorities in any order': {
    'ca.crt': pemsOf(root, rival, namesake, authority),
  },
  'authorities that take turns, the newer one second': {
    'ca.crt': pemsOf(root, rival),
    'ca.key': rival.key,
  },
  'certificates of peers to trust': { 'peers.pem': pemsOf(old, other) },
  'a root without the mark of an authority, first of a collection': {
    'bundle.pem': pemsOf(forger, root),
  },
  'an expired authority beside one that holds': { 'ca.crt': pemsOf(oldRoot, rival) },
  'a collection where one certificate ends soon': { 'ca.pem': pemsOf(root, ending) },
  'a certificate that begins within the skew of clocks': { 'a.pem': pemsOf(ahead) },
  'a certificate of a day in its first half': { 'a.pem': pemsOf(daily) },
  'a binary certificate': { 'a.cer': bytesIn(root.certificate) },
  'a key that is not PEM': { 'signing.key': 'dGhpcyBpcyBubyBQRU0=' },
  'keys of other kinds': {
    'id.key': pemOf('OPENSSH PRIVATE KEY', Buffer.from('openssh-key-v1\0')),
    'jwt.pem': web.keys.publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    'request.pem': pemOf('CERTIFICATE REQUEST', Buffer.from('x')),
    'dh.pem': pemOf('DH PARAMETERS', Buffer.from('x')),
  },
  'files that are none of its business': { 'config.yaml': 'a: 1', note: pemsOf(old) },
};

for (const [name, files] of Object.entries(ACCEPTED))
  test(`accepted: ${name}`, () => assert.deepEqual(said(files), []));

test('pairs are known by the names that programs use', () => {
  const pairs = [
    ['server.crt', 'server.key'],
    ['server.pem', 'server-key.pem'],
    ['server-cert.pem', 'server-key.pem'],
    ['cert.pem', 'key.pem'],
    ['fullchain.pem', 'privkey.pem'],
    ['cert-chain.pem', 'key.pem'],
    ['a/ca-cert.pem', 'a/ca-key.pem'],
    ['client.certificate.pem', 'client.private_key.pem'],
    ['web.cer', 'web.key'],
  ] as const;
  for (const [certificate, key] of pairs) {
    assert.deepEqual(said({ [certificate]: pemsOf(web), [key]: web.key }), []);
    const name = certificate.replace('a/', '');
    assert.deepEqual(said({ [certificate]: pemsOf(web), [key]: other.key }), [
      `error ${key}:1:1: the private key does not belong to the first certificate of ${name}`,
    ]);
  }
});

const MISPLACED = 'the certificate of the private key must come first in its file';
const ORDER = 'the chain is out of order: each certificate must have issued the one above it';
const leafLines = web.certificate.split('\n').length - 1;
const rootLines = root.certificate.split('\n').length - 1;

const TOLD: readonly (readonly [name: string, files: Files, ...said: string[]])[] = [
  [
    'the half-renewed pair',
    { 'tls.crt': pemsOf(web, authority), 'tls.key': other.key },
    'error tls.key:1:1: the private key does not belong to the first certificate of tls.crt',
  ],
  [
    'a half-renewed file that holds both',
    { 'both.pem': pemsOf(web) + other.key },
    `error both.pem:${leafLines + 1}:1: the private key does not belong to the first certificate of both.pem`,
  ],
  [
    'a root above its leaf',
    { 'tls.crt': pemsOf(root, authority, web), 'tls.key': web.key },
    `error tls.crt:${rootLines + authority.certificate.split('\n').length}:1: ${MISPLACED}`,
  ],
  [
    'a chain out of order',
    { 'tls.crt': pemsOf(web, root, authority), 'tls.key': web.key },
    `warning tls.crt:${leafLines + 1}:1: ${ORDER}`,
  ],
  [
    'a chain out of order whose key is elsewhere',
    { 'chain.pem': pemsOf(web, root, authority) },
    `warning chain.pem:${leafLines + 1}:1: ${ORDER}`,
  ],
  [
    'an unrelated certificate in a chain',
    { 'tls.crt': pemsOf(web, authority, rival), 'tls.key': web.key },
    `warning tls.crt:${pemsOf(web, authority).split('\n').length}:1: the certificate is unrelated to the ones above it`,
  ],
  [
    'a new authority with the name of the old one',
    { 'tls.crt': pemsOf(web, namesake), 'tls.key': web.key },
    `warning tls.crt:${leafLines + 1}:1: the certificate has the name of the issuer of the one above it, but another key`,
  ],
  [
    'a certificate that stands twice',
    { 'tls.crt': pemsOf(web, authority, authority), 'tls.key': web.key },
    `warning tls.crt:${pemsOf(web, authority).split('\n').length}:1: the certificate is in its file twice`,
  ],
  [
    'an expired certificate',
    { 'tls.crt': pemsOf(old, authority), 'tls.key': old.key },
    'error tls.crt:1:1: the certificate "web.example" expired on 2026-05-31 23:59 UTC',
  ],
  [
    'an expired certificate whose key is elsewhere',
    { 'chain.pem': pemsOf(old, authority) },
    'error chain.pem:1:1: the certificate "web.example" expired on 2026-05-31 23:59 UTC',
  ],
  [
    'an expired root that is sent for nothing',
    { 'tls.crt': pemsOf(web, authority, oldRoot), 'tls.key': web.key },
    `warning tls.crt:${pemsOf(web, authority).split('\n').length}:1: the certificate "root" expired on 2026-05-31 23:59 UTC`,
  ],
  [
    'no authority that holds for long',
    { 'ca.pem': pemsOf(oldRoot, ending) },
    `warning ca.pem:${rootLines + 1}:1: the certificate "web.example" expires on 2026-06-08 11:00 UTC`,
  ],
  [
    'no authority left that holds',
    { 'ca.crt': pemsOf(oldRoot) },
    'error ca.crt:1:1: the certificate "root" expired on 2026-05-31 23:59 UTC',
  ],
  [
    'a certificate without a common name',
    { 'a.pem': pemsOf(nameless) },
    'error a.pem:1:1: the certificate expired on 2026-05-31 23:59 UTC',
  ],
  [
    'a common name that would forge a line of the log',
    { 'a.pem': pemsOf(forger) },
    'error a.pem:1:1: the certificate expired on 2026-05-31 23:59 UTC',
  ],
  [
    'a certificate that is not valid yet',
    { 'a.pem': pemsOf(future) },
    'error a.pem:1:1: the certificate "web.example" is not valid before 2026-06-01 12:06 UTC [LG_VALIDATE_NOT_YET]',
  ],
  [
    'a certificate that ends within a week',
    { 'tls.crt': pemsOf(ending), 'tls.key': ending.key },
    'warning tls.crt:1:1: the certificate "web.example" expires on 2026-06-08 11:00 UTC',
  ],
  [
    'a private key among authorities',
    { 'ca.crt': pemsOf(root) + root.key },
    `warning ca.crt:${rootLines + 1}:1: a private key in a file for certificates, which more programs may read`,
  ],
  [
    'two private keys',
    { 'a.pem': pemsOf(web) + web.key + web.key + other.key },
    `warning a.pem:${leafLines + 2 * (web.key.split('\n').length - 1) + 1}:1: a second private key; programs use only the first one`,
  ],
  [
    'certificate and key in each other’s place',
    { 'tls.crt': web.key, 'tls.key': pemsOf(web) },
    'warning tls.crt:1:1: a private key in a file for certificates, which more programs may read',
    'error tls.crt:1:1: has no certificate',
    'error tls.key:1:1: has no private key',
  ],
  [
    'a key with a passphrase',
    { 'tls.crt': pemsOf(web), 'tls.key': encryptedKey },
    'warning tls.key:1:1: the private key is encrypted, so lastgood cannot check that it belongs to the certificate',
  ],
  [
    'a key of the older form with a passphrase',
    { 'tls.crt': pemsOf(web), 'tls.key': legacyKey },
    'warning tls.key:1:1: the private key is encrypted, so lastgood cannot check that it belongs to the certificate',
  ],
  [
    'blocks that hold something else',
    {
      'a.pem': `# 1\n${pemOf('CERTIFICATE', Buffer.from('hunter2'))}`,
      'b.key': pemOf('PRIVATE KEY', Buffer.from('hunter2')),
      'c.pem': pemOf('PUBLIC KEY', Buffer.from('hunter2')),
      'd.pem': pemOf('CERTIFCATE', Buffer.from('hunter2')),
    },
    'error a.pem:2:1: the certificate cannot be read',
    'error b.key:1:1: the private key cannot be read',
    'error c.pem:1:1: the public key cannot be read',
    'warning d.pem:1:1: an unknown kind of PEM block; most programs skip it',
  ],
  [
    'a TLS Secret of which neither file can be read',
    {
      'tls.crt': pemOf('CERTIFICATE', Buffer.from('x')),
      'tls.key': pemOf('PRIVATE KEY', Buffer.from('x')),
    },
    'error tls.crt:1:1: the certificate cannot be read',
    'error tls.key:1:1: the private key cannot be read',
  ],
  [
    'files that do not parse, where no format told it',
    { 'tls.crt': 'x', 'tls.key': 'x', 'a.key': web.key.slice(0, 100) },
    'error tls.key:1:1: is neither PEM nor DER: expected a line -----BEGIN …----- [LG_VALIDATE_SYNTAX]',
    'error a.key:1:1: the block is cut off: it has no END line [LG_VALIDATE_SYNTAX]',
  ],
  [
    'blank files',
    { 'ca.crt': '', 'tls.key': '\n' },
    'error ca.crt:1:1: has no PEM value [LG_VALIDATE_EMPTY]',
    'error tls.key:1:1: has no PEM value [LG_VALIDATE_EMPTY]',
  ],
];

for (const [name, files, ...expected] of TOLD)
  test(`reported: ${name}`, () => assert.deepEqual(said(files), expected));

test('keys of every kind are read', () => {
  const kinds = [
    generateKeyPairSync('rsa', { modulusLength: 2048 }),
    generateKeyPairSync('ed25519'),
    generateKeyPairSync('ec', { namedCurve: 'P-521' }),
  ];
  for (const { privateKey, publicKey } of kinds) {
    const secret = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    const open = publicKey.export({ type: 'spki', format: 'pem' }).toString();
    assert.deepEqual(said({ 'a.pem': secret + open }), []);
    assert.equal(said({ 'tls.crt': pemsOf(web), 'tls.key': secret }).length, 1);
  }
});

test('a certificate of a day is warned of in its last quarter', () => {
  assert.deepEqual(said({ 'a.pem': pemsOf(daily) }, false, '2026-06-01T18:30:00Z'), [
    'warning a.pem:1:1: the certificate "web.example" expires on 2026-06-02 00:00 UTC',
  ]);
});

test('P8: for a secret, only dates are shown', () => {
  const files = Object.assign({}, ...TOLD.map(([, each], index) => renamed(each, index)));
  const lines = said(files, true).join('\n');
  assert.match(lines, /the certificate expired on 2026-05-31 23:59 UTC/);
  assert.doesNotMatch(lines, /example|rival|root|hunter2|"/);
  assert.match(said(files).join('\n'), /"web\.example"/);
});

function renamed(files: Files, index: number): Files {
  return Object.fromEntries(
    Object.entries(files).map(([path, bytes]) => [`${index}/${path}`, bytes]),
  );
}

test('whatever the bytes of certificate and key, there is an answer, and it tells nothing of them', () => {
  const der = {
    'tls.crt': bytesIn(web.certificate),
    'tls.key': bytesIn(web.key),
  };
  const flips = fc.array(fc.tuple(fc.nat(500), fc.nat(255)), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(flips, flips, (ofCertificate, ofKey) => {
      const certificate = flipped(der['tls.crt'], ofCertificate);
      const key = flipped(der['tls.key'], ofKey);
      const findings = findingsIn(
        {
          'tls.crt': pemOf('CERTIFICATE', certificate) + root.certificate,
          'tls.key': pemOf('PRIVATE KEY', key),
        },
        true,
      );
      assert.doesNotMatch(JSON.stringify(findings), /example|error:|asn1/i);
    }),
    { numRuns: 300 },
  );
});

function flipped(bytes: Buffer, flips: readonly (readonly [number, number])[]): Buffer {
  const changed = Buffer.from(bytes);
  for (const [at, by] of flips)
    changed[at % changed.length] = (changed[at % changed.length] ?? 0) ^ by;
  return changed;
}

test('a renewed certificate for the old key is accepted', async () => {
  const keys = keyPair();
  const before = await issue({ name: 'web.example', by: authority, keys });
  const after = await issue({ name: 'web.example', by: authority, keys });
  assert.deepEqual(said({ 'tls.crt': pemsOf(after, authority), 'tls.key': before.key }), []);
});

test('a certificate whose time cannot be read is not sound', () => {
  const unreadable = (name: string, { certificate } = web) => {
    const der = bytesIn(certificate);
    der.write('279901000000Z', der.indexOf('270101000000Z'));
    return { [name]: pemOf('CERTIFICATE', der) };
  };
  for (const name of ['tls.crt', 'ca.crt'])
    assert.deepEqual(
      findingsIn(unreadable(name)).map((each) => `${each.severity} ${each.message}`),
      ['error the certificate "web.example" has an unreadable time'],
      name,
    );
  const { 'ca.crt': bad } = unreadable('ca.crt', rival);
  assert.deepEqual(findingsIn({ 'ca.crt': bad + root.certificate }), []);
});
