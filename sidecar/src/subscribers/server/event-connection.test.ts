import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, get, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { EventConnection } from './event-connection.ts';
import { prepare, start, state } from './events.testing.ts';

test('events have ids that go on, and what is sent early waits for the first', async (t) => {
  const server = createServer().listen(0, '127.0.0.1');
  t.after(() => server.close());
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const request = get({ port, agent: false });
  const [, serverResponse] = (await once(server, 'request')) as [unknown, ServerResponse];
  const connection = new EventConnection(serverResponse, {
    heartbeatMs: 60_000,
    onEnd: assert.fail,
  });
  connection.send(prepare(2));
  connection.open('one', start(1), 7);
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  await once(response, 'readable');
  connection.send(state('ok'));
  setImmediate(() => connection.close());
  const received = await text(response);
  assert.match(received, /^id: one\.7\nevent: start\ndata: \{"version":"sha256:0+1"\}\n\n/);
  assert.match(received, /\n\nid: one\.8\nevent: prepare\ndata: \{.*\}\n\n/);
  assert.match(received, /\n\nid: one\.9\nevent: state\ndata: \{"status":"ok"\}\n\n$/);
});
