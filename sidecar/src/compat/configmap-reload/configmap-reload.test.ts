import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PARSED_FILES } from '@lastgood/core/formats/formats.ts';
import { formatFinding } from '@lastgood/core/model/finding.ts';
import { settingsOfDocument } from '../../settings/from-value.ts';
import type { BundleSettings, Settings, WebhookSettings } from '../../settings/settings.ts';
import type { CompatRequest } from '../reloader-compat.ts';
import { configmapReload } from './configmap-reload.ts';
import { ALL_PARSED } from './document.ts';
import { webhookUrlProblem } from './flags.ts';
import { labelOfWebhook } from './metrics-adapter.ts';

const PLAIN = ['--volume-dir=/config', '--webhook-url=http://app:8080/-/reload'];

async function asked(...argv: string[]): Promise<CompatRequest> {
  const request = await configmapReload.read(argv, {});
  assert.ok('document' in request, JSON.stringify(request));
  return request;
}

async function settingsOf(...argv: string[]): Promise<Settings> {
  const { document, flagAt } = await asked(...argv);
  const loaded = settingsOfDocument(document, 'configmap-reload', flagAt);
  assert.ok(loaded.ok, JSON.stringify(loaded));
  return loaded.settings;
}

async function bundlesOf(...argv: string[]): Promise<readonly BundleSettings[]> {
  return (await settingsOf(...PLAIN, ...argv)).bundles;
}

async function webhookOf(...argv: string[]): Promise<WebhookSettings> {
  const [target] = (await bundlesOf(...argv))[0]?.targets ?? [];
  assert.ok(target !== undefined && 'webhook' in target);
  return target.webhook;
}

test('without more flags: one POST without a body, 200 is success, and files are not read', async () => {
  const { listen, stateDir, bundles } = await settingsOf(...PLAIN);
  assert.deepEqual([listen, stateDir], [{ host: '', port: 9533 }, undefined]);
  const [bundle, other] = bundles;
  assert.equal(other, undefined);
  assert.deepEqual(
    bundle?.volumes.map(({ path, at }) => [path, at]),
    [['/config', '.']],
  );
  assert.equal(bundle?.publish, undefined);
  assert.equal(bundle?.tellAtStart, false);
  assert.deepEqual([bundle?.reloadOn, bundle?.validate], ['swap', []]);
  const { url, method, body, success, refused, timeoutMs, retries } = await webhookOf();
  assert.deepEqual(
    { url, method, body, success, refused, timeoutMs, retries },
    {
      url: 'http://app:8080/-/reload',
      method: 'POST',
      body: 'none',
      success: [200],
      refused: [],
      timeoutMs: 30_000,
      retries: { attempts: 1, backoffMs: 10_000, maxMs: 10_000 },
    },
  );
});

test('each URL is a separate bundle with all volumes, each in a separate directory', async () => {
  const bundles = await bundlesOf('--volume-dir=/other', '--webhook-url=https://b/');
  assert.deepEqual(
    bundles.map(({ name }) => name),
    ['webhook-0', 'webhook-1'],
  );
  for (const { volumes, targets } of bundles) {
    assert.deepEqual(
      volumes.map(({ path, at }) => [path, at]),
      [
        ['/config', 'dir-0'],
        ['/other', 'dir-1'],
      ],
    );
    assert.equal(targets.length, 1);
  }
});

test('a volume that is named twice is read once, and a relative path starts in the working directory', async () => {
  const [bundle] = await bundlesOf('--volume-dir=/config/');
  assert.equal(bundle?.volumes.length, 1);
  const [, relative] = (await bundlesOf('--volume-dir=here'))[0]?.volumes ?? [];
  assert.equal(relative?.path, `${process.cwd()}/here`);
});

test('method, status and address are those of the flags', async () => {
  const webhook = await webhookOf('--webhook-method=PUT', '-webhook-status-code=204');
  assert.deepEqual([webhook.method, webhook.success], ['PUT', [204]]);
  const { listen } = await settingsOf(...PLAIN, '--web.listen-address=127.0.0.1:1234');
  assert.deepEqual(listen, { host: '127.0.0.1', port: 1234 });
  const { metricsPath } = await asked(...PLAIN, '--web.telemetry-path=/m');
  assert.equal(metricsPath, '/m');
});

test('webhook-retries: less than 0 is endless, 0 is one attempt, and 100 is the maximum in a row', async () => {
  const attempts = async (retries: string) =>
    (await webhookOf(`--webhook-retries=${retries}`)).retries.attempts;
  assert.equal(await attempts('-1'), Number.POSITIVE_INFINITY);
  assert.equal(await attempts('0'), 1);
  assert.equal(await attempts('7'), 7);
  assert.equal(await attempts('1000'), 100);
});

test('--schema and --shape switch checks on, and every file is then parsed', async () => {
  const [bundle] = await bundlesOf('--schema=/s.json', '--schema=*.toml=t.json', '--shape=same');
  const checks = bundle?.validate ?? [];
  assert.deepEqual(
    checks.map((check) => ('files' in check ? [check.files, check.schema?.path] : check)),
    [
      [PARSED_FILES, '/s.json'],
      ['*.toml', `${process.cwd()}/t.json`],
      { shape: 'same' },
      { traps: 'off' },
    ],
  );
  assert.equal(ALL_PARSED, PARSED_FILES);
  const [named] = (await bundlesOf('--schema=/s/v=1.json'))[0]?.validate ?? [];
  assert.ok(named !== undefined && 'files' in named);
  assert.deepEqual([named.files, named.schema?.path], [PARSED_FILES, '/s/v=1.json']);
});

test('--publish makes one bundle of all URLs, in their order', async () => {
  const [bundle, other] = await bundlesOf('--publish=/live', '--webhook-url=http://b/');
  assert.equal(other, undefined);
  assert.equal(bundle?.publish, '/live');
  assert.equal(bundle?.targets.length, 2);
});

test('--hmac-key-file signs every request', async () => {
  assert.deepEqual((await webhookOf('--hmac-key-file=/key')).auth.hmac, { keyFile: '/key' });
});

test('P8: a problem in the settings names its flag, and shows no URL', async () => {
  const url = 'http://user:canary@host/';
  for (const [flag, ...more] of [
    ['web.listen-address=9533'],
    [`web.listen-address=${url}`],
    ['volume-dir=/'],
    ['publish=/config'],
    ['publish=/'],
    ['schema==/s.json'],
    ['webhook-url=http://b/', ...Array.from({ length: 200 }, () => '--webhook-url=http://c/')],
  ] as [string, ...string[]][]) {
    const { document, flagAt } = await asked(...PLAIN, `--${flag}`, ...more);
    const loaded = settingsOfDocument(document, 'configmap-reload', flagAt);
    assert.ok(!loaded.ok, flag);
    const said = loaded.findings.map(formatFinding).join('\n');
    assert.match(said, new RegExp(`^--${flag.replace(/=.*/, '')}: .+ \\[LG_`), flag);
    assert.doesNotMatch(said, /canary/, flag);
  }
});

test('lastgood does not start without its directories', async () => {
  assert.equal(
    await (await asked('--volume-dir=/nope', '--webhook-url=http://a/')).missing(),
    'cannot watch "/nope": no such file or directory',
  );
  assert.equal(
    await (await asked('--volume-dir=/', '--webhook-url=http://a/')).missing(),
    undefined,
  );
  const empty = await asked('--volume-dir=', '--webhook-url=http://a/');
  assert.match((await empty.missing()) ?? '', /^cannot watch "": no such file/);
});

test('the label is the URL as it is written, without what may be a credential (P8)', () => {
  const labels: [string, string][] = [
    ['http://app', 'http://app'],
    ['http://app:8080/-/reload', 'http://app:8080/-/reload'],
    ['http://user:canary@app/x', 'http://user:xxxxx@app/x'],
    ['http://user:can@ary@app/x', 'http://user:xxxxx@app/x'],
    ['http://canary@app/', 'http://xxxxx@app/'],
    ['http://:canary@app/', 'http://:xxxxx@app/'],
    ['http://app/x?token=canary', 'http://app/x'],
    ['http://app/x#canary', 'http://app/x'],
    ['http://app?canary@b/', 'http://app'],
    ['http://app/a@b', 'http://app/a@b'],
    ['unix:/run/app.sock:/reload?canary', 'unix:/run/app.sock:/reload'],
  ];
  for (const [url, label] of labels) assert.equal(labelOfWebhook(url), label);
});

test('a URL that is not of a webhook is rejected, and not quoted (P8)', () => {
  for (const url of ['', 'canary', ':canary', 'ftp://canary/', 'http:canary', 'http://[canary'])
    assert.match(webhookUrlProblem(url) ?? '', /^invalid URL: (?!.*canary)/, url);
  for (const url of ['http://a', 'https://u:p@a:1/?q', 'unix:/a.sock', 'unix:/a.sock:/x'])
    assert.equal(webhookUrlProblem(url), undefined);
});
