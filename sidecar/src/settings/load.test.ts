import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { PLAIN_REQUEST } from '../io/http/options.testing.ts';
import { load } from './load.ts';
import type { BundleSettings, Settings } from './settings.ts';

const PATH = '/etc/lastgood/lastgood.yaml';

/** Loads a text as the content of the settings file. */
function loadText(text: string) {
  return load(PATH, async () => Buffer.from(text));
}

async function settingsOf(text: string): Promise<Settings> {
  const loaded = await loadText(text);
  assert.ok(loaded.ok, JSON.stringify(loaded));
  return loaded.settings;
}

const RETRIES = { attempts: 5, backoffMs: 1000, maxMs: 30_000 };
const PROCESS = {
  process: 'python',
  commandLine: 'serve',
  pidFile: undefined,
  uid: 1000,
  all: true,
};

const SMALLEST = `
bundles:
  - name: model
    volumes:
      - path: /in
`;

test('a file that names a bundle and its volume gets every default', async () => {
  assert.deepEqual(await settingsOf(SMALLEST), {
    listen: { host: '', port: 9533 },
    webConfigFile: undefined,
    log: { level: 'info', format: 'json' },
    stateDir: '/lastgood/state',
    runDir: '/lastgood/run',
    socketMode: 0o660,
    socketGroup: undefined,
    bundles: [
      {
        name: 'model',
        volumes: [{ path: '/in', at: '.', include: ['**'], exclude: [], secret: false }],
        publish: undefined,
        mountedAt: '/in',
        settleMs: 0,
        maxSizeBytes: 4 * 2 ** 20,
        reloadOn: 'bytes',
        validate: [],
        prepare: [],
        targets: [],
        confirm: undefined,
        onFailure: 'rollback',
        maxAbsenceMs: 1_800_000,
        quarantineAfter: undefined,
        staleAfterMs: undefined,
        history: 10,
        expand: undefined,
        tellAtStart: false,
      },
    ],
  });
});

test('a check, a webhook and a confirmation get their defaults', async () => {
  const { bundles } = await settingsOf(`${SMALLEST}
    publish: /live
    validate: [{ files: config.yaml }]
    targets: [{ webhook: { url: "http://localhost/" } }]
    confirm: { http: { url: "http://localhost/health" } }
`);
  const { mountedAt, validate, targets, confirm } = bundles[0] as BundleSettings;
  assert.equal(mountedAt, '/live');
  assert.deepEqual(validate, [
    { files: 'config.yaml', format: 'auto', strict: false, tags: [], schema: undefined, rules: [] },
  ]);
  assert.deepEqual(targets, [
    {
      webhook: {
        ...PLAIN_REQUEST,
        url: 'http://localhost/',
        method: 'POST',
        body: 'event',
        success: ['2xx'],
        refused: [400, 409, 422],
        timeoutMs: 10_000,
        deadlineMs: undefined,
        retries: { attempts: 5, backoffMs: 1000, maxMs: 30_000 },
      },
    },
  ]);
  assert.deepEqual(confirm, {
    withinMs: 30_000,
    holdMs: 5000,
    http: {
      ...PLAIN_REQUEST,
      url: 'http://localhost/health',
      success: ['2xx'],
      versionJson: undefined,
      json: undefined,
    },
    metric: undefined,
    process: undefined,
    tls: [],
    exec: undefined,
  });
});

test('the sample loads, with units resolved and paths normalized', async () => {
  const sample = readFileSync(join(import.meta.dirname, 'sample.yaml'), 'utf8');
  const { bundles, ...settings } = await settingsOf(sample);
  assert.deepEqual(settings, {
    listen: { host: '127.0.0.1', port: 9533 },
    webConfigFile: '/etc/lastgood/web.yaml',
    log: { level: 'debug', format: 'logfmt' },
    stateDir: '/lastgood/state',
    runDir: '/lastgood/run',
    socketMode: 0o660,
    socketGroup: undefined,
  });
  assert.deepEqual(bundles[0], {
    name: 'model',
    volumes: [
      {
        path: '/lastgood/source/model',
        at: '.',
        include: ['**'],
        exclude: ['*.md'],
        secret: false,
      },
      {
        path: '/lastgood/source/db',
        at: 'db',
        include: ['**'],
        exclude: [],
        secret: true,
        object: 'Secret/db',
      },
    ],
    publish: '/lastgood/live/model',
    mountedAt: '/config',
    settleMs: 250,
    maxSizeBytes: 2 ** 20,
    reloadOn: 'meaning',
    validate: [
      {
        files: 'config.yaml',
        format: 'yaml',
        strict: true,
        tags: ['!secret'],
        schema: {
          path: '/etc/lastgood/model.schema.json',
          namedAt: { file: PATH, line: 26, column: 17 },
        },
        rules: [
          {
            rule: 'self.model.name == oldSelf.model.name',
            message: 'the model cannot change while it runs',
            namedAt: { file: PATH, line: 28, column: 19 },
            verbatim: true,
          },
        ],
      },
      { files: 'db/*', format: 'text', strict: false, tags: [], schema: undefined, rules: [] },
      {
        keys: 'db/*',
        schema: {
          path: '/etc/lastgood/db.schema.json',
          namedAt: { file: PATH, line: 33, column: 17 },
        },
        rules: [],
      },
      {
        rules: [
          {
            rule: '"config.yaml" in self',
            message: undefined,
            namedAt: { file: PATH, line: 35, column: 20 },
            verbatim: true,
          },
        ],
      },
      { shape: 'compatible' },
      { traps: 'error' },
      { exec: { command: ['python3', 'check.py', '{dir}'], timeoutMs: 30_000 } },
    ],
    prepare: [
      {
        webhook: {
          ...PLAIN_REQUEST,
          url: 'http://localhost:8080/admin/validate',
          method: 'POST',
          body: 'event',
          success: ['2xx'],
          refused: [400, 409, 422],
          timeoutMs: 2000,
        },
      },
    ],
    targets: [
      {
        webhook: {
          url: 'http://localhost:8080/admin/reload',
          method: 'PUT',
          body: 'none',
          headers: {
            'x-source': { value: 'lastgood' },
            'x-token': { file: '/run/secrets/token' },
          },
          followRedirects: true,
          auth: {
            bearerFile: '/run/secrets/bearer',
            basic: undefined,
            hmac: { keyFile: '/run/secrets/hmac' },
          },
          tls: {
            caFile: '/tls/ca.crt',
            certFile: '/tls/tls.crt',
            keyFile: '/tls/tls.key',
            serverName: 'app.example',
            insecureSkipVerify: false,
          },
          success: [200, 204],
          refused: [400, '5xx'],
          timeoutMs: 5000,
          deadlineMs: 120_000,
          retries: { attempts: 3, backoffMs: 250, maxMs: 300_000 },
        },
      },
      { signal: { ...PROCESS, signal: 'SIGUSR1', sendUnchecked: false, retries: RETRIES } },
      {
        restart: {
          process: undefined,
          commandLine: undefined,
          pidFile: '/run/app.pid',
          uid: undefined,
          all: false,
          graceMs: 10_000,
          kill: true,
          retries: { ...RETRIES, attempts: Number.POSITIVE_INFINITY },
        },
      },
      {
        exec: {
          command: ['app-ctl', 'reload', '{dir}'],
          timeoutMs: 5000,
          refused: [2],
          absent: [3],
          retries: RETRIES,
        },
      },
      {
        socket: {
          path: '/run/app.sock',
          send: 'reload',
          success: '^ok',
          refused: '^no',
          timeoutMs: 10_000,
          retries: RETRIES,
        },
      },
    ],
    confirm: {
      withinMs: 60_000,
      holdMs: 10_000,
      http: {
        ...PLAIN_REQUEST,
        url: 'http://localhost:8080/health',
        success: ['2xx'],
        versionJson: 'config.version',
        json: { path: 'status', equals: 'ready' },
      },
      metric: {
        ...PLAIN_REQUEST,
        url: 'http://localhost:9090/metrics',
        query: 'app_reload_ok',
        expect: { equals: 1 },
      },
      // That of the signal target.
      process: { ...PROCESS, newWorkers: false, workerCommandLine: undefined },
      tls: [
        {
          host: 'localhost',
          port: 8443,
          file: 'db/tls.crt',
          serverName: 'app.example',
          startTls: 'postgres',
          timeoutMs: 2_000,
        },
      ],
      exec: { command: ['app-ctl', 'status'], timeoutMs: 2000 },
    },
    onFailure: 'hold',
    maxAbsenceMs: 600_000,
    quarantineAfter: 5,
    staleAfterMs: 3_600_000,
    history: 3,
    expand: { file: 'app.yaml.gz', to: '/run/app/app.yaml', ordinalFrom: 'POD_NAME' },
    tellAtStart: true,
  });
  assert.equal(bundles[1]?.name, 'routes');
});

for (const [listen, host, port] of [
  [':0', '', 0],
  ['localhost:65535', 'localhost', 65535],
  ['[::1]:80', '::1', 80],
] as const)
  test(`listen: ${listen} is a host and a port`, async () => {
    const settings = await settingsOf(`listen: "${listen}"${SMALLEST}`);
    assert.deepEqual(settings.listen, { host, port });
  });

test('a size may be plain bytes, as a number or as text', async () => {
  for (const size of ['1048576', '"1048576"', '1Mi'])
    assert.equal(
      (await settingsOf(`${SMALLEST}    maxSize: ${size}\n`)).bundles[0]?.maxSizeBytes,
      2 ** 20,
    );
});

test('an app may be absent for at least as long as a proof may take', async () => {
  const url = 'http://localhost:8080/health';
  const confirm = `    confirm: { within: 45m, http: { url: "${url}" } }\n`;
  for (const maxAbsence of ['', '    maxAbsence: 2m\n'])
    assert.equal(
      (await settingsOf(`${SMALLEST}${confirm}${maxAbsence}`)).bundles[0]?.maxAbsenceMs,
      2_700_000,
    );
});

test('a file that cannot be read is LG_SETTINGS_MISSING with the reason', async () => {
  const loaded = await load('/no/such/lastgood.yaml');
  assert.ok(!loaded.ok);
  assert.deepEqual(
    loaded.findings.map(({ code, message }) => [code, message]),
    [['LG_SETTINGS_MISSING', 'cannot read the settings file /no/such/lastgood.yaml: ENOENT']],
  );
});

test('a file that is larger than any ConfigMap is not parsed', async () => {
  const loaded = await loadText('#'.repeat(2 ** 20 + 1));
  assert.ok(!loaded.ok);
  assert.match(loaded.findings[0]?.message ?? '', /larger than 1Mi$/);
});
