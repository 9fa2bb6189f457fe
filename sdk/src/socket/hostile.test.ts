import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryDirectory } from '../../../test/kubelet/temporary-directory.ts';
import { textsOf } from '../app.testing.ts';
import { connect, connected } from './connected.testing.ts';
import { explainFault } from './fault.ts';
import { createSocketProvider } from './socket-provider.ts';
import { reply, StandIn } from './stand-in.testing.ts';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** A stream of events with this text, which ends then. */
const stream =
  (...texts: readonly string[]): Handler =>
  (_, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
    for (const text of texts) response.write(text);
    response.end();
  };

const HELLO = `event: hello\ndata: ${JSON.stringify({ subscriber: 's', protocol: 1, heartbeatMs: 1000 })}\n\n`;

const EVENTS: readonly (readonly [name: string, answer: Handler, reason: RegExp])[] = [
  ['garbage', stream('\0\u{1F600}\r\r\n: \nx\ndata\nevent\n\n'), /closed the connection/],
  ['half an event', stream('event: hello\ndata: {"subscr'), /closed the connection/],
  ['half a hello', stream('event: hello\ndata: {"subscr\n\n'), /an event hello that is not JSON/],
  ['another hello', stream('event: hello\ndata: {"subscriber":1}\n\n'), /hello that is not as the/],
  ['a list', stream('event: hello\ndata: []\n\n'), /hello that is not as the protocol says/],
  ['an id that is no id', stream(HELLO.replace('"s"', '"a b"')), /hello that is not as the/],
  ['no hello', stream('event: start\ndata: {"version":"x"}\n\n'), /start that is not as the/],
  ['no version', stream(HELLO, 'event: prepare\ndata: {"rollout":"r"}\n\n'), /prepare that is not/],
  ['a state', stream(HELLO, 'event: state\ndata: {"status":"fine"}\n\n'), /state that is not/],
  ['commit first', stream(`event: commit\ndata: ${commit()}\n\n`), /sent commit before hello/],
  ['a long line', stream('data: ', 'x'.repeat(2 ** 21)), /event that is longer than 1 MiB/],
  ['JSON', (_, response) => reply(response, 200, {}), /did not send a stream of events/],
  ['a status', (_, response) => void response.writeHead(500).end('<p>oh'), /with status 500/],
  ['a redirect', (_, response) => void response.writeHead(302).end(), /with status 302/],
  ['no answer', (request) => void request.socket.destroy(), /ended the connection/],
];

function commit(): string {
  return JSON.stringify({ rollout: 'r', version: `sha256:${'0'.repeat(64)}` });
}

for (const [name, answer, reason] of EVENTS)
  test(`a stream with ${name} is tried again, with the reason`, async (t) => {
    const sidecar = await StandIn.listen(t, { a: '1' });
    sidecar.instead.set('/events', answer);
    const { app, start } = connect(t, sidecar);
    const started = start();
    await app.untilReported('disconnected');
    assert.match(JSON.stringify(app.reports.at(-1)), reason);
    sidecar.instead.clear();
    assert.deepEqual(textsOf(await started), { a: '1' });
  });

const file = { path: 'a', mode: 0o644, secret: false, content: 'MQ==' };
const body =
  (change: object): Handler =>
  ({ url = '' }, response) =>
    reply(response, 200, { version: url.split('/').at(-1), files: [file], ...change });

const CONTENTS: readonly (readonly [name: string, answer: Handler, reason: RegExp])[] = [
  ['text', (_, response) => void response.end('hello'), /content of a version that is not JSON/],
  [
    'another version',
    body({ version: `sha256:${'0'.repeat(64)}` }),
    /sent another version instead/,
  ],
  ['no files', body({ files: undefined }), /not as the protocol says/],
  ['a file that is none', body({ files: [null] }), /not as the protocol says/],
  ['a file without `secret`', body({ files: [{ ...file, secret: undefined }] }), /not as the/],
  ['base64 that is none', body({ files: [{ ...file, content: 'M§==' }] }), /a, whose content is/],
  ['half of a base64', body({ files: [{ ...file, content: 'MQ' }] }), /a, whose content is not/],
  ['a file twice', body({ files: [file, file] }), /sent a file twice/],
  ['half of it', (_, response) => cutShort(response), /ended the connection/],
  ['100 MB', (_, response) => flood(response), /longer than 64 MiB/],
];

function cutShort(response: ServerResponse): void {
  response.writeHead(200, { 'content-length': '1000' });
  response.write('{"version":', () => response.destroy());
}

function flood(response: ServerResponse): void {
  const chunk = Buffer.alloc(2 ** 20, ' ');
  let sent = 0;
  const write = () => {
    while (!response.destroyed && sent < 100) {
      sent += 1;
      if (!response.write(chunk)) return;
    }
    response.end();
  };
  response.on('drain', write);
  write();
}

for (const [name, answer, reason] of CONTENTS)
  test(`a version with ${name} is no version, and is fetched again`, async (t) => {
    const { sidecar, app } = await connected(t);
    sidecar.instead.set('/versions/', answer);
    sidecar.prepare('r1', { a: '2' });
    await app.untilReported('degraded');
    assert.match(JSON.stringify(app.reports.at(-1)), reason);
    assert.deepEqual(app.prepared, []);
    sidecar.instead.clear();
    await sidecar.untilAck('prepare', 'accept', 'r1');
  });

test('an event or a field that a later version of the protocol adds is ignored', async (t) => {
  const { sidecar, app } = await connected(t);
  const { response } = sidecar.streams.at(-1) ?? assert.fail();
  response.write(`event: news\ndata: no JSON\n\nretry: x\nother: y\n\n`);
  await sidecar.roll('r1', { a: '2' });
  assert.deepEqual([app.committed, sidecar.streams.length], [[{ a: '2' }], 1]);
});

test('a sidecar of another protocol is an error that says which side to upgrade', async (t) => {
  const sidecar = await StandIn.listen(t, { a: '1' });
  sidecar.instead.set('', (_, response) => {
    response.setHeader('Lastgood-Protocol', '2');
    reply(response, 400, { code: 'LG_SDK_PROTOCOL', message: 'no' });
  });
  await assert.rejects(connect(t, sidecar).start(), { code: 'LG_SDK_PROTOCOL' });
});

test('a sidecar that comes back with another protocol leaves the app its value', async (t) => {
  const { sidecar, app } = await connected(t);
  sidecar.instead.set('/events', stream(HELLO.replace('"protocol":1', '"protocol":2')));
  sidecar.cut();
  const isTold = () => JSON.stringify(app.reports.at(-1)).includes('version 2');
  await app.until(isTold, 'told the protocol');
  sidecar.instead.clear();
  await app.untilReported('ok');
});

test('a server of something else is named', async (t) => {
  const sidecar = await StandIn.listen(t, { a: '1' });
  sidecar.instead.set('', (_, response) => {
    response.removeHeader('Lastgood-Protocol');
    reply(response, 200, {});
  });
  const { app, start } = connect(t, sidecar);
  void start().catch(() => {});
  await app.untilReported('disconnected');
  assert.match(JSON.stringify(app.reports.at(-1)), /sdk.sock is the socket of another program/);
});

test('a socket that speaks something else than HTTP is named', async (t) => {
  const socket = join(temporaryDirectory(t), 'sdk.sock');
  const server = createServer((connection) => connection.on('error', () => {}).end('220 smtp\r\n'));
  t.after(() => server.close());
  await once(server.listen(socket), 'listening');
  const { app, start } = connect(t, { socket });
  void start().catch(() => {});
  await app.untilReported('disconnected');
  assert.match(JSON.stringify(app.reports.at(-1)), /does not answer with HTTP \(HPE_/);
});

test('a place without a sidecar is a reason that says what to check', async (t) => {
  const directory = temporaryDirectory(t);
  writeFileSync(join(directory, 'file'), '');
  mkdirSync(join(directory, 'directory'));
  const places: readonly (readonly [string, RegExp])[] = [
    ['missing', /missing does not exist: check that the sidecar runs.*`runDir` is mounted/],
    ['file', /file is not a socket/],
    ['directory', /directory is not a socket/],
    ['file/sdk.sock', /is below a file/],
  ];
  for (const [name, reason] of places) {
    const { app, start } = connect(t, { socket: join(directory, name) });
    void start().catch(() => {});
    await app.untilReported('disconnected');
    assert.match(JSON.stringify(app.reports.at(-1)), reason);
  }
});

test('a path that no socket can have is an error', () => {
  const socket = `/${'x'.repeat(107)}`;
  assert.throws(() => createSocketProvider({ socket }), {
    code: 'LG_SDK_OPTION',
    message: 'the option socket must be a path of at most 107 bytes',
  });
});

test('a socket of a sidecar that was killed, and one that the user may not open', async (t) => {
  const sidecar = await StandIn.listen(t);
  const refused = Object.assign(new Error('connect'), { code: 'ECONNREFUSED' });
  assert.match((await explainFault(sidecar.socket, refused)).message, /is not running$/);
  const denied = Object.assign(new Error('connect'), { code: 'EACCES' });
  assert.match((await explainFault('/s', denied)).message, /^\/s may not be opened.*socketGroup/);
});

test('a server that never answers does not hold up the signal of the caller', async (t) => {
  const sidecar = await StandIn.listen(t);
  sidecar.instead.set('', () => {});
  const { start } = connect(t, sidecar);
  await assert.rejects(start(AbortSignal.timeout(20)), { name: 'TimeoutError' });
});
