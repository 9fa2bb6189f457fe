import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SnapshotFile, Version } from '@lastgood/core/model/snapshot.ts';
import { fc } from '../../../test/property.ts';
import { KnownSecrets } from './known-secrets.ts';

function version(number: number): Version {
  return `sha256:${number}`;
}

function file(content: string | Buffer): SnapshotFile {
  const bytes = Buffer.from(content);
  return { path: 'f', mode: 0o600, bytes, sha256: '', secret: true };
}

function knowing(...contents: readonly (string | Buffer)[]): KnownSecrets {
  const secrets = new KnownSecrets();
  secrets.addFiles('db', version(1), contents.map(file));
  return secrets;
}

const SECRET = 'p4ss/wörd+"&1';

test('P8: a secret is removed as it is, and as programs encode it', () => {
  const secrets = knowing(`${SECRET}\n`);
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  for (const form of [
    SECRET,
    JSON.stringify(SECRET).slice(1, -1),
    encodeURIComponent(SECRET),
    base64(SECRET),
    base64(`u:${SECRET}:x`),
    Buffer.from(`user:${SECRET}`).toString('base64url'),
  ])
    assert.ok(!secrets.scrub(`no: ${form}!`).includes(form.slice(8, -4)), form);
});

test('P8: the values of a structured secret file are removed, and its keys are not', () => {
  const secrets = knowing(
    'username: database_admin\npassword: "s3cret-pass"\n',
    '{"api_token":"tok-12345678","other_key":"x"}',
    'DATABASE_URL=postgres://app:url%2Dpassword@db/app\n',
    '-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQ\n-----END PRIVATE KEY-----\n',
  );
  const said = 's3cret-pass tok-12345678 url-password url%2Dpassword MIIEvQIBADANBgkqhkiG9w0BAQ';
  assert.equal(secrets.scrub(said), 'xxxxx xxxxx xxxxx xxxxx xxxxx');
  const keys = '/username, /password, api_token, other_key and DATABASE_URL';
  assert.equal(secrets.scrub(keys), keys);
});

test('P8: a secret that is cut with its text is removed too', () => {
  assert.equal(knowing('hunter2password').scrub('it says hunter2pa…'), 'it says xxxxx…');
});

test('a short secret is only removed as a word, and a common or tiny one not at all', () => {
  const secrets = knowing('admin', 'true', '8080', 'abc');
  const said = 'administrator admin (admin): true 8080 abc';
  assert.equal(secrets.scrub(said), 'administrator xxxxx (xxxxx): true 8080 abc');
});

test('P8: a private key is removed whole, and the lines that frame every key are not', () => {
  const lines = ['MIGHAgEAMBMGByqGSM49AgEGCCqGSM49', 'hRANCAAT=='];
  const key = ['-----BEGIN PRIVATE KEY-----', ...lines, '-----END PRIVATE KEY-----', ''].join('\n');
  const secrets = knowing(key);
  for (const quote of [key, JSON.stringify(key), `unexpected ${lines[1]}`])
    for (const line of lines) assert.ok(!secrets.scrub(quote).includes(line), quote);
  for (const text of ['expected a line -----BEGIN …-----', 'after -----END PRIVATE KEY-----'])
    assert.equal(secrets.scrub(text), text);
});

test('the secrets of the newest three versions are known, of each bundle', () => {
  const secrets = knowing('generation-1');
  for (const number of [2, 3, 4])
    secrets.addFiles('db', version(number), [file(`generation-${number}`)]);
  secrets.addFiles('other', version(1), [file('other-secret')]);
  const said = 'generation-1 generation-2 generation-3 generation-4 other-secret';
  assert.equal(secrets.scrub(said), 'generation-1 xxxxx xxxxx xxxxx xxxxx');
});

test('nothing is removed while no secret is known, and bytes that are not text do no harm', () => {
  assert.equal(new KnownSecrets().scrub('a text'), 'a text');
  assert.equal(knowing(Buffer.from([0xff, 0, 0x80]), '', '\n').scrub('a text'), 'a text');
});

test('secrets are read in linear time, however they are quoted', () => {
  for (const content of [
    `"${'\\"'.repeat(30_000)}`,
    `"${'\\"'.repeat(30_000)}\\\n`,
    `'a\n`.repeat(20_000),
    `k=${' '.repeat(60_000)}x\u2028x`,
  ]) {
    const before = process.cpuUsage();
    knowing(content).scrub('refused');
    assert.ok(process.cpuUsage(before).user < 2_000_000, content.slice(0, 10));
  }
});

test('P8: a value whose quote is not closed is removed', () => {
  const secrets = knowing('a: "first-half\n  second-half"\nb: \'third-half\n');
  assert.equal(secrets.scrub('first-half, second-half, third-half'), 'xxxxx, xxxxx, xxxxx');
});

test('P8: secrets that overlap, in a text or in each other, are removed whole', () => {
  const secrets = knowing('abcdefgh', 'efghijkl', 'abcdefghmn', 'hunter2pass', 'hunter2password');
  for (const [said, expected] of [
    ['<abcdefghijkl>', '<xxxxx>'],
    ['<abcdefghmn>', '<xxxxx>'],
    ['<hunter2passw…> <hunter2pass…>', '<xxxxx…> <xxxxx…>'],
  ] as const)
    assert.equal(secrets.scrub(said), expected);
});

test('P8: a secret is removed wherever it is in a text or in base64', () => {
  const unit = fc.constantFrom(...'aB3+/%" \\ö😀\n'.split(''), '😀');
  const secret = fc.string({ unit, minLength: 8, maxLength: 20 }).filter((each) => {
    return each.trim() === each && each.length >= 8 && each.isWellFormed();
  });
  const around = fc.string({ unit: fc.constantFrom('a', 'B', '-', ' '), maxLength: 5 });
  fc.assert(
    fc.property(secret, around, around, (value, before, after) => {
      const secrets = new KnownSecrets();
      secrets.addCredential(value);
      const whole = `${before}${value}${after}`;
      for (const form of [whole, JSON.stringify(whole), encodeURIComponent(whole)])
        assert.match(secrets.scrub(form), /xxxxx/);
      const shown = secrets.scrub(Buffer.from(whole).toString('base64'));
      assert.match(shown, /xxxxx/);
      assert.ok(shown.length <= 'xxxxx'.length + 2 * 8 + 4, shown);
    }),
  );
});

test('the time to scrub a text does not depend on how many secrets are known', () => {
  const secrets = new KnownSecrets();
  const values = Array.from({ length: 80_000 }, (_, index) => `generated-${index}-value`);
  const files = Array.from({ length: 40 }, (_, index) =>
    file(values.slice(index * 2_000, (index + 1) * 2_000).join('\n')),
  );
  secrets.addFiles('db', version(1), [...files, file(nested(360))]);
  const said = `refused: generated-70000-value ${'a'.repeat(500)}b ${'generated-'.repeat(300)}`;
  assert.doesNotMatch(secrets.scrub(said), /70000/);
  const before = process.cpuUsage();
  for (let count = 0; count < 20; count++) secrets.scrub(said);
  assert.ok(process.cpuUsage(before).user < 5_000_000);
});

/** Lines that each start with the one before. */
function nested(lines: number): string {
  return Array.from({ length: lines }, (_, index) => 'a'.repeat(index)).join('\n');
}

test('P8: of very many credentials, the oldest is forgotten', () => {
  const secrets = new KnownSecrets();
  for (let number = 0; number <= 1_000; number++) secrets.addCredential(`token-number-${number}!`);
  assert.equal(secrets.scrub('token-number-0! token-number-1000!'), 'token-number-0! xxxxx');
});
