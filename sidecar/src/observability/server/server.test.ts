import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type ListenOptions, Server, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, test } from 'node:test';
import { LastgoodError } from '@lastgood/core/model/error.ts';
import { DEADLINE_MS } from '../../../../test/deadline.ts';
import { createMetrics } from '../metrics.ts';
import type { BundleStatus, Status } from '../status.ts';
import { type Serving, serve } from './server.ts';

const open: { close(): Promise<void> }[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map((each) => each.close()));
});

const HEALTHY: BundleStatus = {
  bundle: 'model',
  mode: 'published',
  health: { state: 'ok', since: '2026-01-02T03:04:05.000Z', findings: [] },
  ready: true,
  phase: 'steady',
  desired: null,
  active: null,
  lastGood: null,
  published: null,
  rejected: null,
  rollout: null,
  recent: [],
};

const NOT_READY: BundleStatus = {
  ...HEALTHY,
  bundle: 'routes',
  ready: false,
  health: {
    state: 'not-ready',
    since: '2026-01-02T03:04:05.000Z',
    reason: 'the first snapshot was rejected',
    findings: [
      {
        code: 'LG_VALIDATE_SYNTAX',
        severity: 'error',
        message: 'bad indentation',
        location: { file: 'routes.yaml', line: 3, column: 1 },
      },
    ],
  },
};

function statusOf(...bundles: BundleStatus[]): Status {
  return { lastgood: '0.1.0', ready: bundles.every(({ ready }) => ready), bundles };
}

async function serving(
  status: () => Status = () => statusOf(HEALTHY),
  host = '127.0.0.1',
  metricsPath?: string,
): Promise<Serving & { url: string }> {
  const metrics = createMetrics('0.1.0');
  const server = await serve({ listen: { host, port: 0 }, status, metrics, metricsPath });
  open.push(server);
  return { ...server, url: `http://${server.address}` };
}

test('/healthz answers ok, even while no bundle is ready', async () => {
  const { url } = await serving(() => statusOf(NOT_READY));
  const response = await fetch(`${url}/healthz`);
  assert.equal(response.status, 200);
  assert.equal(await response.text(), 'ok\n');
});

test('/readyz is 200 when every bundle is ready', async () => {
  const { url } = await serving();
  const response = await fetch(`${url}/readyz`);
  assert.equal(response.status, 200);
  assert.equal(await response.text(), 'ready\nmodel: ok\n');
});

test('/readyz is 503 with the findings of each bundle that is not ready', async () => {
  const { url } = await serving(() => statusOf(HEALTHY, NOT_READY));
  const response = await fetch(`${url}/readyz`);
  assert.equal(response.status, 503);
  assert.equal(
    await response.text(),
    [
      'not ready',
      'model: ok',
      'routes: not-ready since 2026-01-02T03:04:05.000Z: the first snapshot was rejected',
      '  routes.yaml:3:1: bad indentation [LG_VALIDATE_SYNTAX]',
      '',
    ].join('\n'),
  );
});

test('a degraded bundle stays ready, and /readyz says why it is degraded', async () => {
  const degraded = { ...NOT_READY.health, state: 'degraded' } as const;
  const { url } = await serving(() => statusOf({ ...NOT_READY, ready: true, health: degraded }));
  const response = await fetch(`${url}/readyz`);
  assert.equal(response.status, 200);
  assert.match(await response.text(), /^ready\nroutes: degraded since/);
});

test('/status is the status of this moment, as JSON', async () => {
  let status = statusOf(HEALTHY);
  const { url } = await serving(() => status);
  await fetch(`${url}/status`);
  status = statusOf(NOT_READY);
  const response = await fetch(`${url}/status`);
  assert.equal(response.headers.get('content-type'), 'application/json; charset=utf-8');
  assert.equal(response.headers.get('cache-control'), 'no-store');
  assert.deepEqual(await response.json(), status);
});

test('/metrics is in the text format of Prometheus', async () => {
  const { url } = await serving();
  const response = await fetch(`${url}/metrics`);
  assert.equal(response.headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8');
  assert.match(await response.text(), /^lastgood_build_info\{version="0\.1\.0"\} 1$/m);
});

test('/ lists the paths', async () => {
  const { url } = await serving();
  const body = await (await fetch(url)).text();
  assert.equal(body, 'lastgood\n\n/metrics\n/healthz\n/readyz\n/status\n');
});

test('the metrics can have a second path, which replaces a page of lastgood', async () => {
  for (const path of ['/some/metrics', '/status', '/metrics']) {
    const { url } = await serving(undefined, undefined, path);
    for (const each of [path, '/metrics'])
      assert.match(await (await fetch(url + each)).text(), /^lastgood_build_info/m, path);
    assert.match(await (await fetch(url)).text(), new RegExp(`^${path}$`, 'm'));
  }
});

test('HEAD has the code and the headers of GET, and no body', async () => {
  const { url } = await serving(() => statusOf(NOT_READY));
  const response = await fetch(`${url}/readyz`, { method: 'HEAD' });
  assert.equal(response.status, 503);
  assert.equal(await response.text(), '');
});

test('an unknown path is 404', async () => {
  const { url } = await serving();
  assert.equal((await fetch(`${url}/nothing`)).status, 404);
});

test('a request may name the whole URL, and encode any character of the path', async () => {
  const { address } = await serving(undefined, undefined, '/my metrics');
  const codeOf = async (target: string) => {
    const socket = connect(Number(address.split(':')[1]), '127.0.0.1');
    socket.end(`GET ${target} HTTP/1.1\r\nHost: pod\r\nConnection: close\r\n\r\n`);
    return /^HTTP\/1\.1 (\d+)/.exec(await text(socket))?.[1];
  };
  const whole = ['http://pod/readyz', 'HTTP://pod:9533/readyz?verbose', 'http://pod'];
  for (const target of [...whole, '/%72eadyz', '/my%20metrics', '/readyz#top'])
    assert.equal(await codeOf(target), '200', target);
  for (const target of ['//readyz', '/readyz/', '/%zz', 'http://pod/nothing'])
    assert.equal(await codeOf(target), '404', target);
});

for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])
  test(`${method} is refused, whatever the path`, async () => {
    const { url } = await serving();
    for (const path of ['/status', '/nothing']) {
      const response = await fetch(url + path, { method });
      assert.equal(response.status, 405);
      assert.equal(response.headers.get('allow'), 'GET, HEAD');
    }
  });

test('P8: the error of a page is not shown', async () => {
  const { url } = await serving(() => {
    throw new Error('password=hunter2');
  });
  const response = await fetch(`${url}/status`);
  assert.equal(response.status, 500);
  assert.equal(await response.text(), 'internal error\n');
});

test('no host means every interface', async () => {
  const { address } = await serving(undefined, '');
  const port = address.slice(address.lastIndexOf(':') + 1);
  assert.match(address, /^(\[::\]|0\.0\.0\.0):/);
  assert.equal((await fetch(`http://127.0.0.1:${port}/healthz`)).status, 200);
});

test('on a node without IPv6, every interface is every interface of IPv4', async (t) => {
  // A kernel without IPv6 is the one thing here that a test cannot really have.
  const { listen } = Server.prototype;
  t.mock.method(Server.prototype, 'listen', function (this: Server, options: ListenOptions) {
    if (options.host !== '::') return listen.call(this, options);
    const error = Object.assign(new Error('no IPv6'), { code: 'EAFNOSUPPORT' });
    process.nextTick(() => this.emit('error', error));
    return this;
  });
  const { address } = await serving(undefined, '');
  assert.match(address, /^0\.0\.0\.0:/);
});

test('a port in use is LG_SERVE_LISTEN, naming the address', async () => {
  const { address } = await serving();
  const port = Number(address.split(':')[1]);
  const again = serve({
    listen: { host: '127.0.0.1', port },
    status: () => statusOf(),
    metrics: createMetrics('0.1.0'),
  });
  await assert.rejects(again, (thrown) => {
    assert.ok(thrown instanceof LastgoodError);
    assert.equal(thrown.code, 'LG_SERVE_LISTEN');
    assert.equal(thrown.message, `cannot listen on ${address}: EADDRINUSE`);
    return true;
  });
});

test('a port in use on IPv4 alone is an error too', async () => {
  const taken = createServer().listen(0, '0.0.0.0');
  await once(taken, 'listening');
  open.push({ close: async () => void taken.close() });
  const { port } = taken.address() as { port: number };
  await assert.rejects(
    serve({
      listen: { host: '', port },
      status: () => statusOf(),
      metrics: createMetrics('0.1.0'),
    }),
    { code: 'LG_SERVE_LISTEN', message: `cannot listen on :${port}: EADDRINUSE` },
  );
});

for (const [host, reason] of [
  ['192.0.2.1', 'EADDRNOTAVAIL'],
  ['2001:db8::1', 'EADDRNOTAVAIL'],
  ['no-such-host.invalid', /ENOTFOUND|EAI_AGAIN/],
] as const)
  test(`listening on ${host}, which is not of this host, is LG_SERVE_LISTEN`, async () => {
    await assert.rejects(serving(undefined, host), (thrown) => {
      assert.ok(thrown instanceof LastgoodError);
      assert.match(thrown.message, new RegExp(reason));
      return true;
    });
  });

test('close does not wait for a connection: kept alive, half sent, silent, or never answered', {
  timeout: DEADLINE_MS,
}, async () => {
  const asked = Promise.withResolvers<void>();
  const metrics = {
    ...createMetrics('0.1.0'),
    text: () => {
      asked.resolve();
      return new Promise<string>(() => {});
    },
  };
  const listen = { host: '127.0.0.1', port: 0 };
  const { address, close } = await serve({ listen, status: () => statusOf(HEALTHY), metrics });
  const sockets = await Promise.all([
    sent(address, 'GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n'),
    sent(address, 'GET /healthz HTTP/1.1\r\n'),
    sent(address, ''),
    sent(address, 'GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n'),
  ]);
  await asked.promise;
  const ended = sockets.map((socket) => once(socket, 'close'));
  await Promise.all([close(), ...ended]);
});

/** A connection on which so much of a request was sent. */
async function sent(address: string, text: string): Promise<Socket> {
  const [host, port] = address.split(':');
  const socket = connect(Number(port), host);
  await once(socket, 'connect');
  socket.on('error', () => {}).resume();
  socket.write(text);
  return socket;
}
