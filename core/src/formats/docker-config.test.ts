import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dockercfg, dockerconfigjson } from './docker-config.ts';
import { findingsIn, locator, said, valuesOf } from './formats.testing.ts';

function auth(userAndPassword: string): string {
  return Buffer.from(userAndPassword).toString('base64');
}

function configOf(entry: object): string {
  return JSON.stringify({ auths: { 'ghcr.io': entry } });
}

test('what docker and kubelet can log in with is accepted', () => {
  for (const entry of [
    { auth: auth('user:pass:word') },
    { auth: auth('u:pw').replaceAll('=', '') },
    { auth: auth('user:pw'), username: 'user', password: 'pw', email: 'a@b' },
    { username: 'user', password: 'pw' },
    { auth: '', identitytoken: 't' },
  ])
    assert.deepEqual(findingsIn(dockerconfigjson, configOf(entry)), [], JSON.stringify(entry));
  assert.equal(valuesOf(dockerconfigjson, '{"auths": {}}').length, 1);
  assert.equal(valuesOf(dockercfg, `{"r": {"auth": "${auth('user:pw')}"}}`).length, 1);
});

test('what they cannot log in with is reported at its position', () => {
  const entries: readonly (readonly [entry: object, column: number, message: string])[] = [
    [
      {},
      11,
      'has no credential: expected "auth", or "username" and "password"; docker login may have put it into a credsStore',
    ],
    [{ auth: 'dXNlcg' }, 29, '"auth" must be base64 of user:password, but has no colon'],
    [{ auth: 'dXNlcjpwdw=' }, 29, '"auth" is not base64'],
    [{ auth: 'user:pw' }, 29, '"auth" is not base64'],
    [{ auth: auth(':pw') }, 29, '"auth" has no user before its colon'],
    [{ auth: auth('user:') }, 29, '"auth" has no password after its colon'],
    [
      { auth: auth('user:pw\n') },
      29,
      '"auth" has a password that ends in a line break; create it with printf, not echo',
    ],
    [{ auth: auth('user:pw'), username: 'x' }, 29, '"auth" has another user than "username"'],
    [{ auth: auth('user:pw'), password: 'x' }, 29, '"auth" has another password than "password"'],
    [{ username: 1 }, 33, '"username" must be a string'],
  ];
  for (const [entry, column, message] of entries) {
    const isRefused = /not base64|no colon|must be a string/.test(message);
    const code = isRefused ? 'LG_VALIDATE_SYNTAX' : 'LG_VALIDATE_DIALECT';
    const line = `f:1:${column}: ${message} [${code}]`;
    assert.deepEqual(findingsIn(dockerconfigjson, configOf(entry)), [line]);
    // P11: the kubelet reads the others, and goes on without a login.
    assert.equal(dockerconfigjson.parse(configOf(entry)).ok, !isRefused);
  }
});

test('every entry is checked, and invalid JSON is reported', () => {
  assert.deepEqual(said(dockerconfigjson, '{"auths": {"a": {},\n "b": {"auth": "!"}, "c": 1}}'), [
    'f:1:12: has no credential: expected "auth", or "username" and "password"; docker login may have put it into a credsStore [LG_VALIDATE_DIALECT]',
    'f:2:16: "auth" is not base64 [LG_VALIDATE_SYNTAX]',
    'f:2:27: the entry of a registry must be an object [LG_VALIDATE_SYNTAX]',
  ]);
  assert.deepEqual(said(dockerconfigjson, '{"auths": {},}'), [
    'f:1:13: trailing comma, which only some readers of JSON accept [LG_VALIDATE_SYNTAX]',
  ]);
});

test('P8: no finding tells a user, a password or a registry', () => {
  const entry = { auth: auth('hunter2:hunter2\n'), username: 'x', password: 'y' };
  const lines = [
    ...findingsIn(dockerconfigjson, configOf(entry), true),
    ...findingsIn(dockerconfigjson, '{"auths": {"hunter2": {}}}', true),
    ...said(dockercfg, '{"r": {"auth": "hunter2!"}}', true),
  ];
  assert.equal(lines.length, 3);
  assert.doesNotMatch(lines.join(), /hunter2|aHVudGVyMj/);
});

test('a value is located, and a dockercfg has its entries at the top level', () => {
  assert.equal(locator(dockerconfigjson, '{"auths": {}}')('auths'), '1:11 key 1:2');
  assert.deepEqual(findingsIn(dockercfg, '{"auths": {"r": {"auth": "x"}}}'), [
    'f:1:2: has no credential: expected "auth", or "username" and "password"; docker login may have put it into a credsStore [LG_VALIDATE_DIALECT]',
  ]);
});
