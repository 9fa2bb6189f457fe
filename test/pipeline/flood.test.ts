import assert from 'node:assert/strict';
import { once } from 'node:events';
import { get } from 'node:http';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { startLimited } from './limited-pod.ts';
import { Pod } from './pod.ts';

/** The built file with the flags and the heap of the image: a flood of requests must not end it (P9). */

async function start(context: TestContext): Promise<Pod> {
  const pod = await Pod.create(context);
  await pod.write({ 'config.yaml': 'a: 1\n' });
  await startLimited(context, pod);
  await pod.outcome('committed');
  return pod;
}

/** A connection from another address than the probes'. */
async function attacker(context: TestContext, pod: Pod, request: string): Promise<Socket> {
  const [host = '', port] = pod.address.split(':');
  const socket = connect({ host, port: Number(port), localAddress: '127.0.0.2' });
  context.after(() => void socket.destroy());
  socket.on('error', () => {});
  await once(socket, 'connect');
  if (request !== '') socket.write(request);
  return socket;
}

async function assertServes(pod: Pod): Promise<void> {
  // On a new connection, as the kubelet's.
  const probe = get(`http://${pod.address}/healthz`, { agent: false });
  const [response] = await once(probe, 'response');
  assert.equal(await text(response), 'ok\n');
}

for (const path of ['/', '/metrics', '/status', '/readyz', '/nothing'])
  test(`P9: 500 pipelined requests for ${path}, on 20 connections, do not end the sidecar`, async (context) => {
    const pod = await start(context);
    const request = `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`;
    const sockets = Array.from({ length: 20 }, () => attacker(context, pod, request.repeat(500)));
    await Promise.all((await Promise.all(sockets)).map((each) => closed(each)));
    await assertServes(pod);
  });

async function closed(socket: Socket): Promise<void> {
  if (!socket.closed) await once(socket.resume(), 'close');
}

test('P9: probes get their answers beside 1,000 slow clients, and a change rolls out', async (context) => {
  const pod = await start(context);
  for (let batch = 0; batch < 20; batch += 1) {
    const requests = ['', 'GET /met', 'GET /status HTTP/1.1\r\nHost: x\r\n\r\n'];
    const sockets = Array.from({ length: 50 }, (_, index) =>
      attacker(context, pod, requests[index % requests.length] ?? ''),
    );
    await assertServes(pod);
    await Promise.all(sockets);
  }
  const since = pod.lines.length;
  await pod.write({ 'config.yaml': 'a: 2\n' });
  await pod.outcome('committed', since);
  await assertServes(pod);
});
