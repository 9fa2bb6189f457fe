import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { before, type TestContext, test } from 'node:test';
import tls, { type TLSSocket } from 'node:tls';
import { DEADLINE_MS } from '../../../../test/deadline.ts';
import { type Issued, issue } from '../../checks/certificates/certificate.testing.ts';
import { PLAIN_REQUEST } from './options.testing.ts';
import type { RequestOptions } from './options.ts';
import { createHttpClient, type HttpClient } from './request.ts';
import { directory, listening, serve } from './server.testing.ts';

const NO_TLS = PLAIN_REQUEST.tls;
/** The tests are to pass for some years. */
const LONG = { from: '2020-01-01T00:00:00Z', to: '2049-01-01T00:00:00Z' };

let authority: Issued;
let other: Issued;
let app: Issued;
let client: Issued;
let renewed: Issued;

before(async () => {
  authority = await issue({ name: 'authority', ca: true, ...LONG });
  other = await issue({ name: 'other authority', ca: true, ...LONG });
  app = await issue({ name: 'localhost', by: authority, ...LONG });
  client = await issue({ name: 'lastgood one', by: authority, ...LONG });
  renewed = await issue({ name: 'lastgood two', by: authority, ...LONG });
});

/** An app that speaks TLS, with the names in the certificates that it was shown. */
async function secureApp(t: TestContext, options: https.ServerOptions = {}) {
  const shown: (string | undefined)[] = [];
  const key = { key: app.key, cert: app.certificate };
  const server = https.createServer({ ...key, ...options }, (request, response) => {
    const { subject } = (request.socket as TLSSocket).getPeerCertificate() ?? {};
    shown.push(subject?.CN as string | undefined);
    response.end();
  });
  await listening(t, server);
  const { port } = server.address() as AddressInfo;
  return { server, url: `https://localhost:${port}/`, port, shown };
}

function clientOf(t: TestContext): HttpClient {
  const http = createHttpClient({ proxyEnv: undefined });
  t.after(() => http.close());
  return http;
}

async function outcome(http: HttpClient, more: Partial<RequestOptions> & { url: string }) {
  const response = await http.request({ method: 'POST', timeoutMs: DEADLINE_MS, ...more });
  return response.type === 'answer'
    ? `status ${response.status}`
    : `${response.type}: ${response.reason}`;
}

test('the certificate of the app is checked against caFile and serverName, or not at all', async (t) => {
  const dir = await directory(t);
  const caFile = join(dir, 'ca.crt');
  await writeFile(caFile, authority.certificate);
  const { url, port } = await secureApp(t);
  const http = clientOf(t);
  assert.match(
    await outcome(http, { url }),
    /^fault: the certificate of the app is not trusted: .+; see tls\.caFile$/,
  );
  assert.equal(await outcome(http, { url, tls: { ...NO_TLS, caFile } }), 'status 200');
  const byAddress = `https://127.0.0.1:${port}/`;
  assert.match(
    await outcome(http, { url: byAddress, tls: { ...NO_TLS, caFile } }),
    /^fault: the certificate of the app is for another name: .*127\.0\.0\.1.*; see tls\.serverName$/,
  );
  const named = { ...NO_TLS, caFile, serverName: 'localhost' };
  assert.equal(await outcome(http, { url: byAddress, tls: named }), 'status 200');
  const any = { ...NO_TLS, insecureSkipVerify: true };
  assert.equal(await outcome(http, { url: byAddress, tls: any }), 'status 200');
});

test('a rotated authority is used from the next request on', async (t) => {
  const dir = await directory(t);
  const caFile = join(dir, 'ca.crt');
  const tls = { ...NO_TLS, caFile };
  const { url } = await secureApp(t);
  const http = clientOf(t);
  await writeFile(caFile, other.certificate);
  assert.match(await outcome(http, { url, tls }), /not trusted/);
  await writeFile(caFile, other.certificate + authority.certificate);
  assert.equal(await outcome(http, { url, tls }), 'status 200');
  await writeFile(caFile, other.certificate);
  assert.match(await outcome(http, { url, tls }), /not trusted/);
});

test('lastgood presents its own certificate, and after a rotation the new one', async (t) => {
  const dir = await directory(t);
  const [caFile, certFile, keyFile] = ['ca.crt', 'tls.crt', 'tls.key'].map((name) =>
    join(dir, name),
  ) as [string, string, string];
  const tls = { ...NO_TLS, caFile, certFile, keyFile };
  const put = async (cert: string, key: string) => {
    await writeFile(certFile, cert);
    await writeFile(keyFile, key);
  };
  await writeFile(caFile, authority.certificate);
  const { url, shown } = await secureApp(t, {
    requestCert: true,
    ca: authority.certificate,
  });
  const http = clientOf(t);
  await put(client.certificate, client.key);
  assert.equal(await outcome(http, { url, tls }), 'status 200');
  assert.equal(await outcome(http, { url, tls }), 'status 200');
  await put(renewed.certificate, renewed.key);
  assert.equal(await outcome(http, { url, tls }), 'status 200');
  assert.deepEqual(shown, ['lastgood one', 'lastgood one', 'lastgood two']);
  // Half a rotation is a fault that the next try gets over.
  await put(client.certificate, renewed.key);
  assert.equal(
    await outcome(http, { url, tls }),
    'fault: tls.keyFile is not the key of tls.certFile',
  );
  await put(client.certificate, client.key);
  assert.equal(await outcome(http, { url, tls }), 'status 200');
});

test('an invalid certificate and an app without TLS have their own messages', async (t) => {
  const dir = await directory(t);
  const caFile = join(dir, 'ca.crt');
  const { url } = await secureApp(t);
  const http = clientOf(t);
  const tls = { ...NO_TLS, caFile };
  assert.equal(
    await outcome(http, { url, tls }),
    'fault: the file of tls.caFile cannot be read: ENOENT',
  );
  await writeFile(caFile, 'hunter2');
  assert.equal(await outcome(http, { url, tls }), `fault: ${caFile} is not PEM`);
  const plain = await serve(t);
  assert.equal(
    await outcome(http, { url: `https://127.0.0.1:${plain.port}/` }),
    'fault: the app does not speak TLS on this port',
  );
  const demanding = await secureApp(t, {
    requestCert: true,
    ca: authority.certificate,
    rejectUnauthorized: true,
  });
  await writeFile(caFile, authority.certificate);
  // The alert comes after the handshake in TLS 1.3, and may be lost with the connection.
  assert.match(
    await outcome(http, { url: demanding.url, tls }),
    /^fault: (?:the app ended the TLS handshake \(ERR_SSL|ECONNRESET|EPIPE)/,
  );
});

test('P8: another origin gets neither the certificate of lastgood nor its server name', async (t) => {
  const dir = await directory(t);
  const [caFile, certFile, keyFile] = ['ca.crt', 'tls.crt', 'tls.key'].map((name) =>
    join(dir, name),
  ) as [string, string, string];
  await writeFile(caFile, authority.certificate);
  await writeFile(certFile, client.certificate);
  await writeFile(keyFile, client.key);
  const asks = { requestCert: true, rejectUnauthorized: false, ca: authority.certificate };
  const away = await secureApp(t, asks);
  const server = https.createServer({ key: app.key, cert: app.certificate, ...asks });
  const home = await serve(
    t,
    (_seen, response) => void response.writeHead(307, { location: away.url }).end(),
    { server },
  );
  const tls = { ...NO_TLS, caFile, certFile, keyFile, serverName: 'localhost' };
  const url = `https://127.0.0.1:${home.port}/`;
  assert.equal(await outcome(clientOf(t), { url, tls, followRedirects: true }), 'status 200');
  assert.deepEqual(away.shown, [undefined]);
});

test('a redirect from https to http is a fault', async (t) => {
  const plain = await serve(t);
  const server = https.createServer({ key: app.key, cert: app.certificate });
  const { port } = await serve(
    t,
    (_seen, response) => void response.writeHead(302, { location: plain.url }).end(),
    { server },
  );
  const tls = { ...NO_TLS, insecureSkipVerify: true };
  const url = `https://localhost:${port}/`;
  assert.equal(
    await outcome(clientOf(t), { url, tls, followRedirects: true }),
    'fault: the redirect leads from https to http',
  );
  assert.equal(plain.seen.length, 0);
});

test('an unusual answer counts over TLS as well', async (t) => {
  const length = 'Content-Length: 2\n';
  const server = tls.createServer({ key: app.key, cert: app.certificate }, (socket) => {
    socket.on('error', () => {});
    socket.once('data', () => socket.write(`HTTP/1.1  200 OK\n${length}X-A : 1\n${length}\nok`));
  });
  await listening(t, server);
  const url = `https://localhost:${(server.address() as AddressInfo).port}/`;
  const settings = { ...NO_TLS, insecureSkipVerify: true };
  assert.equal(await outcome(clientOf(t), { url, tls: settings }), 'status 200');
});
