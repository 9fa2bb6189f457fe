import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from './load.ts';

/** P8: a credential in the wrong place of the settings is not quoted by the message about it. */

const SECRET = 'hunter2credential';
const NUMBER = 4815162342;

const WRONG: readonly unknown[] = [
  SECRET,
  `Bearer ${SECRET}`,
  `http://user:${SECRET}@host/`,
  NUMBER,
  [SECRET],
  [NUMBER],
  { [SECRET]: SECRET },
  { [`Bearer ${SECRET}`]: NUMBER },
  { file: SECRET, value: SECRET, token: SECRET, password: NUMBER },
];

const REQUEST_KEYS = [
  'auth',
  'auth.bearerFile',
  'auth.basic',
  'auth.basic.username',
  'auth.basic.passwordFile',
  'auth.hmac',
  'auth.hmac.keyFile',
  'headers',
  'headers.X-Key',
  'headers.X-Key.file',
  'tls',
  'tls.caFile',
  'tls.certFile',
  'tls.keyFile',
  'tls.serverName',
  'url',
];

const PLACES: readonly string[] = [
  ...REQUEST_KEYS.map((key) => `bundles.0.targets.0.webhook.${key}`),
  ...REQUEST_KEYS.map((key) => `bundles.0.confirm.http.${key}`),
  'bundles.0.targets.0.webhook.body',
  'bundles.0.targets.0.socket.send',
  'bundles.0.targets.0.exec.command',
  'bundles.0.targets.0.exec.command.1',
  'bundles.0.confirm.http.json.equals',
  'bundles.0.volumes.0.secret',
  'webConfigFile',
];

/** Puts a value into a document, whatever was there. */
function put(document: unknown, path: readonly string[], value: unknown): unknown {
  const [first, ...rest] = path;
  if (first === undefined) return value;
  const isIndex = /^\d+$/.test(first);
  const old = (document ?? (isIndex ? [] : {})) as Record<string, unknown>;
  const next = put(old[first], rest, value);
  return Array.isArray(old)
    ? Object.assign([...old], { [first]: next })
    : { ...old, [first]: next };
}

async function messagesOf(document: unknown): Promise<string> {
  const loaded = await load('/lastgood.yaml', async () => Buffer.from(JSON.stringify(document)));
  return loaded.ok ? '' : JSON.stringify(loaded.findings);
}

const GOOD = {
  bundles: [{ name: 'model', volumes: [{ path: '/source' }], publish: '/live/model' }],
};

for (const place of PLACES)
  test(`P8: a credential at ${place} is not quoted, whatever its shape`, async () => {
    for (const value of WRONG) {
      const messages = await messagesOf(put(GOOD, place.split('.'), value));
      assert.doesNotMatch(messages, new RegExp(`${SECRET}|${NUMBER}`), JSON.stringify(value));
    }
  });

test('P8: a URL in the place of a directory is not quoted', async () => {
  const url = `http://user:${SECRET}@host/live`;
  for (const place of ['publish', 'mountedAt', 'volumes.0.path', 'expand.to'])
    for (const value of [url, `/${url}`, `/source/${url}`]) {
      const messages = await messagesOf(put(GOOD, ['bundles', '0', ...place.split('.')], value));
      assert.match(messages, /LG_SETTINGS/, place);
      assert.doesNotMatch(messages, new RegExp(SECRET), place);
    }
});

test('a mistake elsewhere is still quoted', async () => {
  assert.match(await messagesOf(put(GOOD, ['bundles', '0', 'publish'], 'live')), /is \\"live\\"/);
});
