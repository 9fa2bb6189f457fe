import assert from 'node:assert/strict';
import { once } from 'node:events';
import { get } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, test } from 'node:test';
import { DEADLINE_MS } from '../../../../test/deadline.ts';
import { issue } from '../../checks/certificates/certificate.testing.ts';
import { createMetrics } from '../metrics.ts';
import { createLimitedServer } from './connections.ts';
import { type Serving, serve } from './server.ts';

const open: { close(): Promise<void> }[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map((each) => each.close()));
});

/** A server whose `/metrics` has this size, and how often it was rendered. */
async function serving(sizeBytes = 100): Promise<Serving & { rendered: () => number }> {
  let rendered = 0;
  const render = async () => {
    rendered += 1;
    return `${rendered} `.padEnd(sizeBytes, 'x');
  };
  const server = await serve({
    listen: { host: '127.0.0.1', port: 0 },
    status: () => ({ lastgood: '0.1.0', ready: true, bundles: [] }),
    metrics: { ...createMetrics('0.1.0'), text: render },
  });
  open.push(server);
  return { ...server, rendered: () => rendered };
}

interface Client {
  readonly socket: Socket;
  received: string;
}

/** A client of another address than the probes, which sends this. */
async function client(address: string, request: string): Promise<Client> {
  const [host = '', port] = address.split(':');
  const socket = connect({ host, port: Number(port), localAddress: '127.0.0.2' });
  const made: Client = { socket, received: '' };
  open.push({ close: async () => void socket.destroy() });
  socket.on('error', () => {});
  socket.on('data', (chunk) => (made.received += chunk.toString('latin1')));
  await once(socket, 'connect');
  if (request !== '') socket.write(request);
  return made;
}

const GET_METRICS = 'GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n';

/** On a new connection, as the kubelet's. */
async function probe(address: string): Promise<string> {
  const [response] = await once(get(`http://${address}/healthz`, { agent: false }), 'response');
  return text(response);
}

test('requests that arrive together share one rendering', async () => {
  const { address, rendered } = await serving();
  const { socket } = await client(address, '');
  let received = '';
  socket.on('data', (chunk) => (received += chunk));
  socket.write(GET_METRICS.repeat(8));
  while (received.split('HTTP/1.1 200').length <= 8) await once(socket, 'data');
  assert.equal(rendered(), 1);
});

test('a few pipelined requests get their responses, in order', async () => {
  const { address } = await serving();
  const { socket } = await client(address, '');
  let received = '';
  socket.on('data', (chunk) => (received += chunk));
  socket.write(GET_METRICS + GET_METRICS.replace('/metrics', '/healthz'));
  while (!received.endsWith('ok\n')) await once(socket, 'data');
  assert.ok(received.indexOf('xxx') < received.indexOf('ok\n'));
});

test('a client that pipelines 500 requests is cut off, and costs no rendering for each', async () => {
  const { address, rendered } = await serving();
  const { socket } = await client(address, '');
  const closed = once(socket, 'close');
  socket.write(GET_METRICS.repeat(500));
  await closed;
  assert.ok(rendered() <= 8, `${rendered()} times`);
  assert.equal(await probe(address), 'ok\n');
});

for (const [what, request] of [
  ['send nothing', ''],
  ['send half a request', 'GET /healthz HTTP/1.1\r\nHost: '],
  ['keep their connection after a response', 'GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n'],
] as const)
  test(`probes get a response beside 1,000 clients that ${what}`, async () => {
    const { address } = await serving();
    for (let batch = 0; batch < 20; batch += 1) {
      const clients = Array.from({ length: 50 }, () => client(address, request));
      assert.equal(await probe(address), 'ok\n');
      await Promise.all(clients);
    }
    assert.equal(await probe(address), 'ok\n');
  });

test('a connection in use outlives 1,000 others, of whatever address', async () => {
  const { address } = await serving();
  const [host = '', port] = address.split(':');
  const socket = connect(Number(port), host);
  open.push({ close: async () => void socket.destroy() });
  await once(socket, 'connect');
  for (let batch = 0; batch < 20; batch += 1) {
    await Promise.all(Array.from({ length: 50 }, () => client(address, '')));
    socket.write('GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n');
    const [answer] = await once(socket, 'data');
    assert.match(String(answer), /^HTTP\/1\.1 200/);
  }
});

test('of 40 clients whose responses are not sent yet, the 8 oldest lose their connections', async () => {
  const { server, closeNow } = createLimitedServer(() => {});
  server.listen(0, '127.0.0.1');
  open.push({ close: closeNow });
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const clients: Client[] = [];
  for (let index = 0; index < 40; index += 1) {
    clients.push(await client(`127.0.0.1:${port}`, GET_METRICS));
    await once(server, 'request');
  }
  const oldest = clients.slice(0, 8).map(({ socket }) => socket.closed || once(socket, 'close'));
  await Promise.all(oldest);
  assert.ok(clients.slice(8).every(({ socket }) => !socket.closed));
});

test('closing does not wait for a client that never begins its TLS handshake', {
  timeout: DEADLINE_MS,
}, async () => {
  const { certificate, key } = await issue({
    name: 'a',
    from: '2020-01-01T00:00:00Z',
    to: '2049-01-01T00:00:00Z',
  });
  const https = { cert: certificate, key, handshakeTimeout: 2 ** 30 };
  const { server, closeNow } = createLimitedServer(() => {}, https);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const accepted = once(server, 'connection');
  const { socket } = await client(`127.0.0.1:${port}`, '');
  await accepted;
  await closeNow();
  if (!socket.closed) await once(socket, 'close');
});
