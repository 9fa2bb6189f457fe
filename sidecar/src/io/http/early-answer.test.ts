import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { keepEarlyAnswer } from './early-answer.ts';

/** An app that answers without reading, and closes the connection. It counts the connections it has closed. */
const APP = `
const { createServer } = require('node:net');
const { parentPort, workerData: closed } = require('node:worker_threads');
const server = createServer({ pauseOnConnect: true }, (socket) => {
  socket.on('error', () => {});
  socket.on('close', () => {
    Atomics.add(closed, 0, 1);
    Atomics.notify(closed, 0);
  });
  socket.write('no', () => socket.destroy());
});
server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port));
`;

test('an early answer counts, however long the process could not run after a write has failed', async (t) => {
  const closed = new Int32Array(new SharedArrayBuffer(4));
  const app = new Worker(APP, { eval: true, workerData: closed });
  t.after(() => app.terminate());
  const [port] = await once(app, 'message');
  const socket = connect(port, '127.0.0.1');
  const failed = once(socket, 'error');
  keepEarlyAnswer(socket);
  let answer = '';
  socket.on('data', (chunk) => {
    answer += chunk;
  });
  await once(socket, 'connect');
  socket.write('request');
  // The connection is reset and nothing of it is read, so the next write fails before a read.
  Atomics.wait(closed, 0, 0);
  socket.write('more');
  process.nextTick(() => Atomics.wait(closed, 0, 1, 200));
  assert.match(String(await failed), /EPIPE|ECONNRESET/);
  assert.equal(answer, 'no');
});
