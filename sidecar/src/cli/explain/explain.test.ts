import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configmapReload } from '../../compat/configmap-reload/configmap-reload.ts';
import type { CompatRequest } from '../../compat/reloader-compat.ts';
import { settingsOfDocument } from '../../settings/from-value.ts';
import { load } from '../../settings/load.ts';
import type { Settings } from '../../settings/settings.ts';
import { explainFlags } from './explain.ts';

async function asked(argv: readonly string[]): Promise<CompatRequest> {
  const request = await configmapReload.read(argv, {});
  assert.ok('document' in request, JSON.stringify(request));
  return request;
}

async function explained(argv: readonly string[]): Promise<string> {
  const { end, output } = explainFlags(configmapReload, await asked(argv));
  assert.equal(end, 'good');
  return output;
}

/** The settings in the text, as `lastgood --config` reads them. */
async function loaded(text: string): Promise<Settings> {
  const settings = await load('/etc/lastgood/lastgood.yaml', async () => Buffer.from(text));
  assert.ok(settings.ok, JSON.stringify(settings));
  return settings.settings;
}

/** Without the places in the file, which a command line does not have. */
function plain(settings: Settings): unknown {
  return JSON.parse(
    JSON.stringify(settings, (key, value) => (key === 'namedAt' ? undefined : value)),
  );
}

const DIR = '--volume-dir=/config';
const lines: (readonly string[])[] = [
  [DIR, '--webhook-url=http://app:8080/-/reload'],
  [DIR, '--volume-dir=/more', '--webhook-url=http://a', '--webhook-url=https://b/c'],
  [DIR, '--webhook-url=http://a', '--webhook-retries=-1', '--webhook-method=PUT'],
  [DIR, '--webhook-url=http://a', '--web.listen-address=[::1]:80', '--webhook-status-code=204'],
  [DIR, '--webhook-url=unix:/run/app.sock:/reload', '--web.telemetry-path=/m'],
  [DIR, '--webhook-url=http://a', '--schema=/s.json', '--schema=*.y=/t.json', '--shape=same'],
  [DIR, '--webhook-url=http://a', '--webhook-url=http://b', '--publish=/live'],
  [DIR, '--webhook-url=http://a', '--hmac-key-file=/key', '--volume-dir=/a b/: #c'],
];

for (const argv of lines)
  test(`what explain prints of ${argv.join(' ')} is what runs`, async () => {
    const { document, flagAt } = await asked(argv);
    const runs = settingsOfDocument(document, 'configmap-reload', flagAt);
    assert.ok(runs.ok);
    assert.deepEqual(plain(await loaded(await explained(argv))), plain(runs.settings));
  });

test('a password becomes a file, and a query a placeholder; the comments say so (P8)', async () => {
  const text = await explained([
    DIR,
    '--webhook-url=http://us%40er:canary1@a/x?token=canary2&b=canary3&canary6&canary7=#canary4',
    '--webhook-url=http://canary5@b/',
    '--hmac-key-file=/key',
  ]);
  assert.doesNotMatch(text, /canary/);
  assert.match(text, /^# The query of http:\/\/a\/x is not shown: replace each REPLACE-ME\.$/m);
  assert.match(text, /^# The password for http:\/\/b\/ is not shown: put it into \S+\/1\.$/m);
  const { bundles } = await loaded(text);
  const [first, second] = bundles.flatMap(({ targets }) =>
    targets.flatMap((target) => ('webhook' in target ? target.webhook : [])),
  );
  const query = 'token=REPLACE-ME&b=REPLACE-ME&REPLACE-ME&REPLACE-ME';
  assert.equal(first?.url, `http://a/x?${query}`);
  const passwordFile = '/etc/lastgood/passwords/0';
  assert.deepEqual(first?.auth.basic, { username: 'us@er', passwordFile });
  assert.deepEqual(first?.auth.hmac, { keyFile: '/key' });
  assert.equal(second?.auth.basic?.username, 'REPLACE-ME');
});

test('userinfo that cannot be decoded does not fail', async () => {
  const text = await explained([DIR, '--webhook-url=http://us%zzer:canary%zz@a/']);
  assert.doesNotMatch(text, /canary/);
  await loaded(text);
});

test('P8: a URL in the place of a path is refused, and not shown', async () => {
  const url = 'http://user:canary@a/x';
  const flags = [`--hmac-key-file=${url}`, `--publish=${url}/published`, `--schema=${url}`];
  const argv = [`--volume-dir=${url}/volume`, '--webhook-url=http://a', ...flags];
  const { end, output, findings } = explainFlags(configmapReload, await asked(argv));
  assert.equal(end, 'unusable');
  assert.doesNotMatch(JSON.stringify({ output, findings }), /canary/);
});

test('what settings cannot express is in a comment', async () => {
  const text = await explained([DIR, '--webhook-url=http://a', '--web.telemetry-path=/m']);
  assert.match(text, /^# The settings do not serve \/m: the metrics are at \/metrics\.$/m);
});

test('a document that cannot be used gives findings and no output', async () => {
  const request = await asked([DIR, '--webhook-url=http://a', '--web.listen-address=x']);
  const { end, output, findings } = explainFlags(configmapReload, request);
  assert.deepEqual([end, output], ['unusable', '']);
  assert.match(findings[0]?.message ?? '', /^listen must be "host:port"/);
});
