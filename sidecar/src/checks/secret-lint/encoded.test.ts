import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fc } from '../../../../test/property.ts';
import { isEncodedTwice } from './encoded.ts';
import { GENERATED_PASSWORDS, TOKENS } from './tokens.testing.ts';

const SEED = 20_260_101;
const SAMPLE = 3000;

function encoded(text: string): string {
  return Buffer.from(text).toString('base64');
}

for (const [kind, tokens] of Object.entries(TOKENS))
  test(`no encoding is seen in ${kind} (seed ${SEED})`, () => {
    const sample = fc.sample(tokens, { seed: SEED, numRuns: SAMPLE });
    const seen = sample.filter((token) => isEncodedTwice('token', token));
    assert.deepEqual(seen, []);
  });

/** Why each is seen, or is not. */
const TEXTS: readonly (readonly [text: string, seen: boolean, reason: string])[] = [
  ['P@ssw0rd!Complex#2024', true, 'a password'],
  ['P@ssw0rd', true, 'a short password of the kinds that people like'],
  ['hunter2', true, 'a short password'],
  ['password', true, 'a word'],
  ['correct horse battery staple', true, 'words'],
  ['Passwört', true, 'letters outside of ASCII'],
  ['とても秘密のパスワード', true, 'letters outside of Latin'],
  ['postgresql://ml_user:P@ssw0rd@postgres:5432/ml_db', true, 'a URL'],
  ['http://mlflow:5000', true, 'a URL without a user'],
  ['redis:6379', true, 'an address, which only looks like user:password'],
  ['{"user":"x"}', true, 'a JSON object'],
  ['{\n  "auths": { "registry": { "username": "ml" } }\n}\n', true, 'JSON on several lines'],
  ['-----BEGIN PRIVATE KEY-----\nMC4CAQ\n', true, 'a key'],
  ['secret\n', true, 'the line break of an echo, encoded too'],
  ['9f86d081884c7d659a2feaa0c55ad015', true, 'a token in hex'],
  ['admin', false, 'too short: it may be valid base64 by chance'],
  ['5432', false, 'too short: it may be valid base64 by chance'],
  ['\u0001\u0002secret-secret-secret', false, 'a control character: no text'],
  ['admin:hunter2hunter2', false, 'user:password, which Basic encodes by design'],
  ['{"k":"aB3","n":"ci","id":1}', false, 'a key of Grafana, encoded by design'],
];

for (const [text, seen, reason] of TEXTS)
  test(`the base64 of ${JSON.stringify(text)} is ${seen ? '' : 'not '}seen: ${reason}`, () =>
    assert.equal(isEncodedTwice('password', encoded(text)), seen));

test('what is not the one base64 of its bytes is not seen', () => {
  const value = encoded('correct horse battery staple');
  for (const other of [`${value}=`, value.replace('=', ''), `${value} `, value.replace('3', '-')])
    assert.equal(isEncodedTwice('password', other), false, other);
});

test('a file whose name asks for base64 may hold it', () => {
  assert.equal(isEncodedTwice('db/credentials_B64', encoded('correct horse battery')), false);
  assert.equal(isEncodedTwice('license.base64', encoded('correct horse battery')), false);
});

test(`most generated passwords are seen when they are encoded (seed ${SEED})`, () => {
  const sample = fc.sample(GENERATED_PASSWORDS, { seed: SEED, numRuns: SAMPLE });
  const seen = sample.filter((text) => isEncodedTwice('password', encoded(text)));
  assert.ok(seen.length > 0.85 * sample.length, `${seen.length} of ${sample.length}`);
});
