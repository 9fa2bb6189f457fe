import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import http from 'node:http';
import https from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type Finding, formatFinding } from '@lastgood/core/model/finding.ts';
import bcrypt from 'bcryptjs';
import { issue } from '../../checks/certificates/certificate.testing.ts';
import { createMetrics } from '../metrics.ts';
import { serve } from './server.ts';
import { createWebGuard } from './web-guard.ts';

const PASSWORD = 'correct horse';
/** The least work that bcrypt knows. */
const HASH = bcrypt.hashSync(PASSWORD, 4);
const BOTH = 'tls_server_config: { cert_file: tls.crt, key_file: tls.key }\n';
const YEARS = { from: '2020-01-01T00:00:00Z', to: '2049-01-01T00:00:00Z' };

async function served(context: TestContext, config: string, files: Record<string, string> = {}) {
  const dir = await mkdtemp(join(tmpdir(), 'lastgood-web-'));
  context.after(() => rm(dir, { recursive: true }));
  const put = (name: string, text: string) => writeFile(join(dir, name), text);
  await Promise.all(Object.entries({ ...files, 'web.yaml': config }).map(([n, t]) => put(n, t)));
  const problems: string[] = [];
  const onProblem = (finding: Finding) => problems.push(formatFinding(finding));
  const guard = createWebGuard(join(dir, 'web.yaml'), onProblem);
  const status = () => ({ lastgood: '0', ready: true, bundles: [] });
  const listen = { host: '127.0.0.1', port: 0 };
  const serving = await serve({ listen, status, metrics: createMetrics('0'), guard });
  context.after(() => serving.close());
  return { put, problems, address: serving.address };
}

interface Answer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  /** Of the certificate that the server showed. */
  readonly fingerprint: string | undefined;
}

function get(url: string, options: https.RequestOptions = {}): Promise<Answer> {
  const { request } = url.startsWith('https:') ? https : http;
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const sent = request(url, { agent: false, rejectUnauthorized: false, ...options }, (answer) => {
    const socket = answer.socket as Partial<import('node:tls').TLSSocket>;
    const fingerprint = socket.getPeerCertificate?.().fingerprint256;
    answer.resume();
    answer.on('end', () =>
      resolve({ status: answer.statusCode ?? 0, headers: answer.headers, fingerprint }),
    );
  });
  sent.on('error', reject);
  sent.end();
  return promise;
}

test('an empty file lets everybody in, in plain HTTP', async (context) => {
  const { address } = await served(context, '');
  assert.equal((await get(`http://${address}/healthz`)).status, 200);
});

test('with users, a request needs the right password', async (context) => {
  const { address, put } = await served(context, `basic_auth_users: { eve: '${HASH}' }`);
  const status = async (auth: string) =>
    (await get(`http://${address}/metrics`, auth === '' ? {} : { auth })).status;
  assert.equal(await status(`eve:${PASSWORD}`), 200);
  assert.equal(await status(`eve:${PASSWORD}`), 200, 'remembered');
  for (const auth of ['', 'eve:wrong', 'eve:', `bob:${PASSWORD}`, `toString:${PASSWORD}`])
    assert.equal(await status(auth), 401, auth);
  const { headers } = await get(`http://${address}/healthz`);
  assert.equal(headers['www-authenticate'], 'Basic');
  await put('web.yaml', `basic_auth_users: { eve: '${bcrypt.hashSync('another', 4)}' }`);
  assert.equal(await status(`eve:${PASSWORD}`), 401, 'no longer');
  assert.equal(await status('eve:another'), 200);
});

test('a file that is emptied or removed opens no page, and is reported', async (context) => {
  const users = `basic_auth_users: { eve: '${HASH}' }`;
  const { address, put, problems } = await served(context, users);
  const status = async (auth?: string) =>
    (await get(`http://${address}/metrics`, auth === undefined ? {} : { auth })).status;
  for (const emptied of ['', '# none\n', 'basic_auth_users: {}\n', 'http_server_config: {}\n']) {
    await put('web.yaml', emptied);
    assert.equal(await status(), 401, emptied);
    assert.equal(await status(`eve:${PASSWORD}`), 200, emptied);
  }
  const [problem, ...others] = problems;
  assert.match(problem ?? '', /no users any more; passwords can only be switched off by a restart/);
  assert.deepEqual(others, []);
});

test('each response has the headers of the file, in place of those with the same name', async (context) => {
  const headers = '{ X-Frame-Options: deny, X-Content-Type-Options: other }';
  const { address } = await served(
    context,
    `http_server_config: { http2: true, headers: ${headers} }`,
  );
  const given = (await get(`http://${address}/healthz`)).headers;
  assert.equal(given['x-frame-options'], 'deny');
  assert.equal(given['x-content-type-options'], 'other');
});

test('the next connection gets a renewed certificate; a broken one is reported once', async (context) => {
  const [old, renewed] = [
    await issue({ name: 'a', ...YEARS }),
    await issue({ name: 'b', ...YEARS }),
  ];
  const { address, put, problems } = await served(context, BOTH, {
    'tls.crt': old.certificate,
    'tls.key': old.key,
  });
  const shown = async () => (await get(`https://${address}/healthz`)).fingerprint;
  const first = await shown();
  assert.ok(first);
  await put('tls.crt', renewed.certificate);
  assert.equal(await shown(), first, 'half a renewal');
  assert.equal(await shown(), first);
  assert.match(
    problems.join(),
    /^webConfigFile cannot be used: .* are not a certificate and its key [^,]*$/,
  );
  await put('tls.key', renewed.key);
  assert.notEqual(await shown(), first);
  await assert.rejects(get(`http://${address}/healthz`), 'plain HTTP is not spoken');
});

test('the file decides which client certificates are accepted', async (context) => {
  const authority = await issue({ name: 'authority', ca: true, ...YEARS });
  const server = await issue({ name: 'server', by: authority, ...YEARS });
  const client = await issue({ name: 'client', by: authority, ...YEARS });
  const stranger = await issue({ name: 'stranger', ...YEARS });
  const files = {
    'tls.crt': server.certificate,
    'tls.key': server.key,
    'ca.crt': authority.certificate,
  };
  const own = { cert: client.certificate, key: client.key };
  const other = { cert: stranger.certificate, key: stranger.key };
  for (const [type, ca, ...expected] of [
    ['RequireAndVerifyClientCert', true, false, true, false],
    ['VerifyClientCertIfGiven', true, true, true, false],
    ['RequireAnyClientCert', false, false, true, true],
    ['RequestClientCert', false, true, true, true],
    ['NoClientCert', false, true, true, true],
  ] as const) {
    const more = `client_auth_type: ${type}${ca ? ', client_ca_file: ca.crt' : ''}`;
    const config = `tls_server_config: { cert_file: tls.crt, key_file: tls.key, ${more} }`;
    const { address } = await served(context, config, files);
    const isServed = (options: https.RequestOptions) =>
      get(`https://${address}/healthz`, options).then(
        () => true,
        () => false,
      );
    assert.deepEqual(
      [await isServed({}), await isServed(own), await isServed(other)],
      expected,
      type,
    );
  }
});

test('P8: an unusable file ends the start, with the line, and its error quotes no hash', async (context) => {
  for (const [config, said] of [
    [
      'basic_auth_users: { eve: hunter2 }',
      /web\.yaml:1:26: a password of basic_auth_users is not a bcrypt hash$/,
    ],
    [
      'http_server_config: { headers: { X-Frame-Options: "deny\\n" } }',
      /web\.yaml:1:51: http_server_config\.headers\.X-Frame-Options has an invalid value$/,
    ],
    ['basic_auth: {}', /web\.yaml:1:1: basic_auth is not supported$/],
    ['tls_server_config: { cert_file: a }', /tls_server_config\.key_file is missing/],
    [`${BOTH}rate_limit: {}`, /rate_limit is not supported/],
    [
      'tls_server_config: { cert_file: a, key_file: b, cipher_suites: [] }',
      /tls_server_config\.cipher_suites is not supported/,
    ],
    [
      'tls_server_config: { cert_file: a, key_file: b, min_version: SSL3 }',
      /min_version has an invalid value$/,
    ],
    [
      'tls_server_config: { cert_file: a, key_file: b, client_ca_file: c }',
      /also needs a client_auth_type/,
    ],
    [BOTH, /the file of cert_file cannot be read: ENOENT$/],
    ['tls_server_config: { cert_file: hunter2, key_file: hunter2 }', /cert_file cannot be read/],
    ['tls_server_config: { cert_file: web.yaml, key_file: hunter2 }', /key_file cannot be read/],
    [
      'tls_server_config: { cert_file: web.yaml, key_file: web.yaml, client_auth_type: VerifyClientCertIfGiven, client_ca_file: hunter2 }',
      /client_ca_file cannot be read/,
    ],
    ['a: [', /web\.yaml:\d+:\d+: /],
  ] as const)
    await assert.rejects(served(context, config), (error: Error & { code: string }) => {
      assert.equal(error.code, 'LG_SETTINGS_WEB_CONFIG');
      assert.match(error.message, said);
      assert.doesNotMatch(error.message, /hunter2/);
      return true;
    });
});
