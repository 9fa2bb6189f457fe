import assert from 'node:assert/strict';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { inspect } from 'node:util';
import { systemClock } from '@lastgood/core/model/clock.ts';
import { EVENT } from '@lastgood/core/model/reload-event.testing.ts';
import { PLAIN_REQUEST } from '../../sidecar/src/io/http/options.testing.ts';
import { createHttpClient, type HttpClientOptions } from '../../sidecar/src/io/http/request.ts';
import { directory, type Respond, serve } from '../../sidecar/src/io/http/server.testing.ts';
import { webhookSettings } from '../../sidecar/src/io/http/webhook/send-webhook.testing.ts';
import { settingsJsonSchema } from '../../sidecar/src/settings/json-schema.ts';
import type { WebhookSettings } from '../../sidecar/src/settings/settings.ts';
import { createHttpProbe } from '../../sidecar/src/steps/confirm/http.ts';
import { createWebhook } from '../../sidecar/src/steps/deliver/webhook.ts';
import { createPrepare } from '../../sidecar/src/steps/prepare/prepare.ts';
import { freePort } from '../free-port.ts';

/** Is in every place of the settings that may contain a credential. */
const CANARY = 'hunter2canary';
/** As it may be written otherwise. */
const CANARIES = [CANARY, Buffer.from(CANARY).toString('base64').slice(0, 12), 'Basic ', 'Bearer '];

const SIGNAL = new AbortController().signal;
/** A dry run is tried again after a wait. */
const QUICK = { ...systemClock, sleep: async () => {} };

/** All that a target, a dry run and a probe with these settings output. */
async function shownBy(t: TestContext, settings: WebhookSettings, options: HttpClientOptions = {}) {
  const client = createHttpClient({ proxyEnv: undefined, ...options });
  t.after(() => client.close());
  const means = { client, clock: QUICK, sealed: true };
  const target = createWebhook(settings, means);
  const { attempt: _attempt, reason: _reason, ...event } = EVENT;
  const prepare = createPrepare([{ webhook: { ...settings, method: 'POST' } }], means);
  const looks = [
    { ...settings, versionJson: 'version', json: undefined },
    { ...settings, versionJson: undefined, json: { path: 'a', equals: 'b' } },
  ];
  const { version, rollout } = EVENT;
  const heard: unknown[] = [
    target.name,
    await target.deliver(EVENT, SIGNAL),
    await prepare({ ...event, event: 'prepare' }, SIGNAL),
  ];
  for (const look of looks)
    heard.push(await createHttpProbe(look, means).observe({ rollout, version, signal: SIGNAL }));
  return { text: inspect(heard, { depth: 9 }) };
}

/** Every kind of credential, from files of this directory. */
async function secrets(t: TestContext) {
  const dir = await directory(t);
  const [token, password, key, header] = ['token', 'password', 'key', 'header'].map((name) =>
    join(dir, name),
  ) as [string, string, string, string];
  for (const path of [token, password, key, header]) await writeFile(path, CANARY);
  const hmac = { keyFile: key };
  const headers = { 'x-key': { file: header }, 'x-other': { value: CANARY } };
  const bearer = { bearerFile: token, basic: undefined, hmac };
  const basic = {
    bearerFile: undefined,
    basic: { username: CANARY, passwordFile: password },
    hmac,
  };
  return { dir, files: [token, password, key, header], headers, auths: [bearer, basic] };
}

function assertSealed(text: string, what: string): void {
  for (const canary of CANARIES) assert.ok(!text.includes(canary), `${what}: ${text}`);
}

test('P8: no credential is shown, whatever the app or the network does', async (t) => {
  const { headers, auths } = await secrets(t);
  const replies: Record<string, Respond> = {
    refuses: (seen, response) => void response.writeHead(409).end(JSON.stringify(seen)),
    fails: (seen, response) =>
      void response.writeHead(500, { 'retry-after': JSON.stringify(seen.headers) }).end(CANARY),
    echoes: (seen, response) =>
      void response.end(JSON.stringify({ version: seen.headers, a: seen.headers['x-other'] })),
    echoesVersion: (seen, response) =>
      void response.end(JSON.stringify({ version: seen.headers['x-other'] })),
    loops: (_seen, response) => void response.writeHead(307, { location: `/?t=${CANARY}` }).end(),
    misleads: (_seen, response) =>
      void response.writeHead(307, { location: `ftp://u:${CANARY}@h/${CANARY}` }).end(),
    sendsOn: (_seen, response) =>
      void response.writeHead(307, { location: `http://u:${CANARY}@127.0.0.1:1/${CANARY}` }).end(),
    hangsUp: (_seen, response) => void response.socket?.destroy(),
  };
  for (const [name, respond] of Object.entries(replies)) {
    const { port } = await serve(t, respond);
    const url = `http://u:${CANARY}@127.0.0.1:${port}/reload?token=${CANARY}#${CANARY}`;
    for (const auth of auths) {
      const settings = webhookSettings({ url, headers, auth, followRedirects: true });
      assertSealed((await shownBy(t, settings)).text, name);
    }
    assertSealed((await shownBy(t, webhookSettings({ url }))).text, `${name}, plainly`);
  }
});

test('P8: no credential is shown if no request can be sent', async (t) => {
  const { headers, auths } = await secrets(t);
  const [auth] = auths;
  const { port } = await serve(t);
  const credentials = `u:${CANARY}@`;
  for (const url of [
    `http://${credentials}no-such-host.invalid/?t=${CANARY}`,
    `http://${credentials}127.0.0.1:${await freePort()}/?t=${CANARY}`,
    `https://${credentials}127.0.0.1:${port}/?t=${CANARY}`,
    `http://u:${CANARY}%zz@127.0.0.1:${port}/`,
    `http://u:${CANARY}@127.0.0.1:99999/?t=${CANARY}`,
    `unix:/no/such/app.sock:/reload?t=${CANARY}`,
  ]) {
    assertSealed((await shownBy(t, webhookSettings({ url }))).text, url);
    const more = auth === undefined ? { headers } : { headers, auth };
    assertSealed((await shownBy(t, webhookSettings({ url, ...more }))).text, url);
  }
});

test('P8: a file that cannot be used is not quoted', async (t) => {
  const { dir, files, headers, auths } = await secrets(t);
  const { url } = await serve(t);
  const tls = { ...webhookSettings({ url }).tls, caFile: join(dir, 'key') };
  const secure = webhookSettings({ url: url.replace('http:', 'https:'), tls });
  assertSealed((await shownBy(t, secure)).text, 'no PEM');
  const pem = `-----BEGIN CERTIFICATE-----\n${CANARY}\n-----END CERTIFICATE-----\n`;
  await writeFile(join(dir, 'key'), pem);
  const pair = { ...tls, certFile: join(dir, 'key'), keyFile: join(dir, 'key') };
  assertSealed((await shownBy(t, { ...secure, tls: pair })).text, 'broken PEM');
  for (const path of files) await writeFile(path, `${CANARY}\n${CANARY}\n\n`);
  for (const auth of auths) {
    const { text } = await shownBy(t, webhookSettings({ url, headers, auth }));
    assertSealed(text, 'line breaks');
  }
  await Promise.all(files.map((path) => chmod(path, 0)));
  await mkdir(join(dir, 'sub'));
  const unreadable = { 'x-key': { file: join(dir, 'sub') } };
  assertSealed(
    (await shownBy(t, webhookSettings({ url, headers: unreadable }))).text,
    'a directory',
  );
});

test('P8: the password of a proxy is not shown', async (t) => {
  const { url } = await serve(t);
  const HTTP_PROXY = `http://u:${CANARY}@127.0.0.1:${await freePort()}/`;
  const proxyEnv = { HTTP_PROXY, HTTPS_PROXY: HTTP_PROXY };
  for (const each of [url, 'https://app.example/'])
    assertSealed((await shownBy(t, webhookSettings({ url: each }), { proxyEnv })).text, each);
});

const MISPLACED = `/${CANARY}`;
const { auth: NO_AUTH, tls: NO_TLS } = PLAIN_REQUEST;
const BASIC = { username: 'u', passwordFile: MISPLACED };

/** For each key of a request that names a file: settings with a credential in its place. */
const MISPLACING: Readonly<Record<string, Partial<WebhookSettings>>> = {
  'auth.bearerFile': { auth: { ...NO_AUTH, bearerFile: MISPLACED } },
  'auth.basic.passwordFile': { auth: { ...NO_AUTH, basic: BASIC } },
  'auth.hmac.keyFile': { auth: { ...NO_AUTH, hmac: { keyFile: MISPLACED } } },
  'a header': { headers: { 'x-key': { file: MISPLACED } } },
  'tls.caFile': { tls: { ...NO_TLS, caFile: MISPLACED } },
  'tls.certFile': { tls: { ...NO_TLS, certFile: MISPLACED } },
  'tls.keyFile': { tls: { ...NO_TLS, keyFile: MISPLACED } },
};

for (const [key, settings] of Object.entries(MISPLACING))
  test(`P8: a credential in the place of the file of ${key} is not quoted`, async (t) => {
    const { text } = await shownBy(
      t,
      webhookSettings({ url: 'https://127.0.0.1:1/', ...settings }),
    );
    assertSealed(text, key);
    assert.match(text, new RegExp(`the file of ${key} cannot be read: ENOENT`));
  });

test('P8: each key of the settings that names the file of a credential is in that table', () => {
  const names = new Set(keysIn(settingsJsonSchema()).filter((name) => /file$/i.test(name)));
  const others = [
    // Of a header, and of `expand`.
    'file',
    'pidFile',
    // Its message is in the tests of the web configuration.
    'webConfigFile',
  ];
  const named = Object.keys(MISPLACING).flatMap((key) => /\w+File$/.exec(key)?.[0] ?? []);
  assert.deepEqual([...names].sort(), [...new Set([...named, ...others])].sort());
});

/** The names of all properties in a JSON Schema. */
function keysIn(schema: unknown): readonly string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  const { properties = {} } = schema as { properties?: object };
  return [...Object.keys(properties), ...Object.values(schema).flatMap(keysIn)];
}
