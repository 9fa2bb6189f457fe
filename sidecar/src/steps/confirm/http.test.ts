import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Version } from '@lastgood/core/model/snapshot.ts';
import { PLAIN_REQUEST } from '../../io/http/options.testing.ts';
import { createHttpClient } from '../../io/http/request.ts';
import { directory, serve } from '../../io/http/server.testing.ts';
import type { HttpProbeSettings, JsonProbeSettings } from '../../settings/settings.ts';
import { createHttpProbe } from './http.ts';

const VERSION: Version = `sha256:${'ab'.repeat(32)}`;

/** Probes an app that answers with this body, and removes the URL from the result. */
async function look(
  t: TestContext,
  body: string,
  more: Partial<HttpProbeSettings> & { readonly sealed?: boolean } = {},
) {
  const { sealed = false, ...settings } = more;
  t.mock.timers.reset();
  // The timeout of an observation never passes: a busy machine may take longer for the body.
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { url, seen } = await serve(t, (_seen, response) => void response.end(body));
  const client = createHttpClient({ proxyEnv: undefined });
  t.after(() => client.close());
  const plain = { ...PLAIN_REQUEST, success: ['2xx' as const], versionJson: undefined };
  const probe = createHttpProbe(
    { ...plain, json: undefined, url: `${url}/health`, ...settings },
    { client, sealed },
  );
  const { signal } = new AbortController();
  const seenLook = await probe.observe({ rollout: '01J', version: VERSION, signal });
  const said = seenLook.type === 'good' ? 'good' : `${seenLook.type}: ${seenLook.reason}`;
  return { said: said.replace(`${url}/health`, 'URL'), seen };
}

async function says(t: TestContext, body: unknown, json: JsonProbeSettings, sealed = false) {
  return (await look(t, JSON.stringify(body), { json, sealed })).said;
}

test('a value of the JSON body must equal the expected one, including its type', async (t) => {
  const body = { parts: [{ ok: true }, { ok: null, n: 0, s: 'x' }], 'a b': { length: 3 } };
  for (const [path, equals] of [
    ['parts.0.ok', true],
    ['parts.1.ok', null],
    ['parts.1.n', 0],
    ['parts.1.s', 'x'],
    ['a b.length', 3],
  ] as const)
    assert.equal(await says(t, body, { path, equals }), 'good', path);
  const ofOtherKind = await says(t, body, { path: 'parts.1.n', equals: '0' });
  assert.equal(ofOtherKind, 'bad: URL reports that parts.1.n is 0, not "0"');
  const aList = await says(t, body, { path: 'parts', equals: 'x' });
  assert.equal(aList, 'bad: URL reports that parts is not "x"');
});

test('a missing value has its own message', async (t) => {
  for (const path of ['status', 'parts.2', 'parts.length', 'parts.-1', 'parts.0.toString', 'a.b'])
    assert.equal(
      await says(t, { parts: ['x'], a: null }, { path, equals: 'ok' }),
      `bad: URL has no value at ${path} in its JSON body`,
    );
  const json = { path: 'status', equals: 'ok' };
  const { said } = await look(t, 'not JSON', { json });
  assert.equal(said, 'bad: URL has no value at status in its JSON body');
});

test('P8: no value is shown if the bundle is secret', async (t) => {
  const json = { path: 'db', equals: 'up' };
  assert.equal(
    await says(t, { db: 'hunter2' }, json, true),
    'bad: URL reports that db is not as expected',
  );
  assert.equal(
    await says(t, { ok: 'hunter2' }, { path: 'ok', equals: true }, true),
    'bad: URL reports that ok is not true',
  );
  assert.equal(
    await says(t, { db: 'x'.repeat(99) }, json),
    `bad: URL reports that db is "${'x'.repeat(59)}…, not "up"`,
  );
});

test('the version and the value must both match', async (t) => {
  const more = { versionJson: 'version', json: { path: 'status', equals: 'ok' } };
  const said = async (body: unknown) => (await look(t, JSON.stringify(body), more)).said;
  assert.equal(await said({ version: VERSION, status: 'ok' }), 'good');
  assert.match(await said({ version: VERSION, status: 'no' }), /status is "no", not "ok"/);
  assert.match(await said({ version: 'cdcdcdcdcdcd', status: 'ok' }), /runs on cdcdcdcdcdcd/);
});

test('a health check authenticates itself as a webhook does', async (t) => {
  const bearerFile = join(await directory(t), 'token');
  await writeFile(bearerFile, 'one\n');
  const { said, seen } = await look(t, '', {
    auth: { ...PLAIN_REQUEST.auth, bearerFile },
    headers: { 'x-a': { value: 'b' } },
  });
  assert.equal(said, 'good');
  assert.deepEqual(
    seen.map(({ headers }) => [headers.authorization, headers['x-a']]),
    [['Bearer one', 'b']],
  );
});

test('a body of megabytes has its version, and one above 4 MiB has a reason', async (t) => {
  const body = (length: number) => JSON.stringify({ filler: 'x'.repeat(length), version: VERSION });
  const said = async (length: number) =>
    (await look(t, body(length), { versionJson: 'version' })).said;
  assert.equal(await said(70_000), 'good');
  assert.equal(await said(4_000_000), 'good');
  assert.equal(await said(4_200_000), 'bad: URL answers more than 4 MiB');
  assert.equal((await look(t, body(4_200_000))).said, 'good');
});
