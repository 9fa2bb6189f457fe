import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import net, { type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { DEADLINE_MS } from '../../../../test/deadline.ts';
import { freePort } from '../../../../test/free-port.ts';
import { issue } from '../../checks/certificates/certificate.testing.ts';
import { PLAIN_REQUEST } from './options.testing.ts';
import { isProxied, proxyEnvOf } from './proxy.ts';
import { createHttpClient } from './request.ts';
import { directory, listening, serve } from './server.testing.ts';

/** A forward proxy, and the first line of each request that it received. */
async function proxy(t: TestContext) {
  const asked: string[] = [];
  const server = http.createServer((request, response) => {
    asked.push(`${request.method} ${request.url} ${request.headers['proxy-authorization'] ?? ''}`);
    const { method, headers } = request;
    const onward = http.request(request.url ?? '', { method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502);
      answer.pipe(response);
    });
    onward.on('error', () => response.writeHead(502).end());
    request.pipe(onward);
  });
  server.on('connect', (request, socket) => {
    asked.push(`CONNECT ${request.url}`);
    const [, port] = (request.url ?? '').split(':');
    const onward = net.connect(Number(port), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      socket.pipe(onward).pipe(socket);
    });
    for (const end of [socket, onward]) end.on('error', () => {});
  });
  await listening(t, server);
  const { port } = server.address() as AddressInfo;
  return { asked, port, url: `http://127.0.0.1:${port}` };
}

/** Sends a request from a separate process, with the environment of a container. */
async function askFrom(env: Record<string, string>, url: string): Promise<unknown> {
  const script = `
    import { createHttpClient } from ${JSON.stringify(new URL('./request.ts', import.meta.url).href)};
    import { isProxied, proxyEnvOf } from ${JSON.stringify(new URL('./proxy.ts', import.meta.url).href)};
    const client = createHttpClient();
    const response = await client.request({ url: ${JSON.stringify(url)}, method: 'POST', body: 'x', timeoutMs: ${DEADLINE_MS} });
    console.log(JSON.stringify([response.status ?? response.type + ': ' + response.reason, isProxied(${JSON.stringify(url)}, proxyEnvOf(process.env))]));
    client.close();`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.on('data', (chunk) => {
    text += chunk;
  });
  await once(child, 'close');
  return JSON.parse(text);
}

test('a proxy is used only if NODE_USE_ENV_PROXY is set', async (t) => {
  const app = await serve(t);
  const { asked, port } = await proxy(t);
  const named = { HTTP_PROXY: `http://user:hunter2@127.0.0.1:${port}` };
  assert.deepEqual(await askFrom(named, app.url), [200, false]);
  assert.equal(asked.length, 0);
  assert.deepEqual(await askFrom({ ...named, NODE_USE_ENV_PROXY: '1' }, app.url), [200, true]);
  const authorization = `Basic ${Buffer.from('user:hunter2').toString('base64')}`;
  assert.deepEqual(asked, [`POST ${app.url}/ ${authorization}`]);
  assert.equal(app.seen.length, 2);
});

test('a host in NO_PROXY is reached without the proxy', async (t) => {
  const app = await serve(t);
  const { asked, url: HTTP_PROXY } = await proxy(t);
  const client = createHttpClient({ proxyEnv: { HTTP_PROXY, NO_PROXY: 'localhost,127.0.0.1' } });
  t.after(() => client.close());
  await client.request({ url: app.url, method: 'POST', timeoutMs: DEADLINE_MS });
  const response = await client.request({
    url: `http://127.0.0.1:${await freePort()}/`,
    method: 'POST',
    timeoutMs: DEADLINE_MS,
  });
  assert.deepEqual([app.seen.length, asked.length, response.type], [1, 0, 'absent']);
});

test('https goes through a tunnel, with the certificates of the settings', async (t) => {
  const LONG = { from: '2020-01-01T00:00:00Z', to: '2049-01-01T00:00:00Z' };
  const issued = await issue({ name: 'localhost', ...LONG });
  const server = https.createServer({ key: issued.key, cert: issued.certificate });
  const app = await serve(t, undefined, { server });
  const { asked, url: HTTPS_PROXY } = await proxy(t);
  const client = createHttpClient({ proxyEnv: { HTTPS_PROXY } });
  t.after(() => client.close());
  const url = `https://localhost:${app.port}/`;
  const tls = { ...PLAIN_REQUEST.tls, insecureSkipVerify: true };
  const response = await client.request({ url, method: 'POST', timeoutMs: DEADLINE_MS, tls });
  assert.equal(response.type === 'answer' && response.status, 200);
  assert.deepEqual(asked, [`CONNECT localhost:${app.port}`]);
});

test('a proxy that cannot be reached is a fault, because the app may be there', async (t) => {
  const app = await serve(t);
  const dead = `http://127.0.0.1:${await freePort()}`;
  const client = createHttpClient({ proxyEnv: { HTTP_PROXY: dead, HTTPS_PROXY: dead } });
  t.after(() => client.close());
  for (const url of [app.url, 'https://localhost:1/']) {
    const response = await client.request({ url, method: 'POST', timeoutMs: DEADLINE_MS });
    assert.deepEqual(response, {
      type: 'fault',
      reason: 'the proxy cannot be reached: ECONNREFUSED',
    });
  }
  assert.equal(app.seen.length, 0);
});

test('a Unix socket is never behind a proxy', async (t) => {
  const path = join(await directory(t), 'app.sock');
  const app = await serve(t, undefined, { path });
  const { asked, url: HTTP_PROXY } = await proxy(t);
  const client = createHttpClient({ proxyEnv: { HTTP_PROXY } });
  t.after(() => client.close());
  const url = `unix:${path}:/reload`;
  const response = await client.request({ url, method: 'POST', timeoutMs: DEADLINE_MS });
  assert.equal(response.type, 'answer');
  assert.deepEqual([app.seen.length, asked.length, isProxied(url, { HTTP_PROXY })], [1, 0, false]);
});

test('only NODE_USE_ENV_PROXY=1 enables the proxies of the environment', () => {
  const env = { HTTP_PROXY: 'http://proxy:3128' };
  assert.equal(proxyEnvOf(env), undefined);
  assert.equal(proxyEnvOf({ ...env, NODE_USE_ENV_PROXY: 'true' }), undefined);
  assert.equal(proxyEnvOf({ ...env, NODE_USE_ENV_PROXY: '1' })?.HTTP_PROXY, env.HTTP_PROXY);
});

/** Asks Node itself, by whether the path of a request has become that of one to a proxy. */
function nodeProxies(url: string, proxyEnv: Record<string, string>): boolean {
  const agent = new http.Agent({ proxyEnv });
  const request = http.request(url, { agent });
  request.on('error', () => {});
  request.destroy();
  agent.destroy();
  return request.path.startsWith('http:');
}

test('without ranges in NO_PROXY, exactly the hosts that Node reaches without the proxy count as not proxied', () => {
  const urls = ['localhost', '127.0.0.1:8080', '[::1]:8080', 'a.svc', 'svc', '10.0.0.7', 'xsvc'];
  const lists = [
    '',
    '*',
    'localhost',
    '127.0.0.1',
    '127.0.0.1:8080',
    'localhost:80',
    '::1',
    '.svc',
  ];
  const more = ['*.svc', 'SVC', '10.0.0.9-10.0.0.1', 'a.svc , localhost', '-'];
  for (const host of urls)
    for (const NO_PROXY of [...lists, ...more]) {
      const env = { HTTP_PROXY: 'http://127.0.0.1:1', NO_PROXY };
      const url = `http://${host}/`;
      assert.equal(isProxied(url, env), nodeProxies(url, env), `${url} with ${NO_PROXY}`);
    }
  for (const env of [{ HTTPS_PROXY: 'http://a' }, { http_proxy: 'socks5://a' }, {}])
    assert.equal(isProxied('http://localhost/', env), nodeProxies('http://localhost/', env));
});

test('a host that only a range in NO_PROXY excludes counts as proxied, although Node reaches it directly', () => {
  const env = { HTTP_PROXY: 'http://127.0.0.1:1', NO_PROXY: '10.0.0.1-10.0.0.9' };
  assert.deepEqual(
    ['http://10.0.0.7/', 'http://10.0.0.10/'].map((url) => [
      isProxied(url, env),
      nodeProxies(url, env),
    ]),
    [
      [true, false],
      [true, true],
    ],
  );
  const named = { ...env, NO_PROXY: `${env.NO_PROXY},10.0.0.7` };
  assert.equal(isProxied('http://10.0.0.7/', named), false, 'naming the host helps');
});

test('a refused connection to a host in a range is a fault, because it may be that of a proxy', async (t) => {
  const proxyEnv = { HTTP_PROXY: 'http://127.0.0.1:1', NO_PROXY: '127.0.0.1-127.0.0.9' };
  const client = createHttpClient({ proxyEnv });
  t.after(() => client.close());
  const url = `http://127.0.0.1:${await freePort()}/`;
  const response = await client.request({ url, method: 'POST', timeoutMs: DEADLINE_MS });
  assert.equal(response.type, 'fault');
  const app = await serve(t);
  const direct = await client.request({ url: app.url, method: 'POST', timeoutMs: DEADLINE_MS });
  assert.equal(direct.type, 'answer', 'Node itself does not use the proxy');
});
