import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { freePort } from '../../../../test/free-port.ts';
import { PLAIN_REQUEST } from './options.testing.ts';
import type { RequestOptions } from './options.ts';
import { outcomeOf, send } from './request.testing.ts';
import { directory, serve } from './server.testing.ts';

const NO_AUTH = PLAIN_REQUEST.auth;

test('headers, bearer token and basic password come from files, read for each request', async (t) => {
  const dir = await directory(t);
  const file = (name: string) => join(dir, name);
  const { url, seen } = await serve(t);
  await writeFile(file('token'), 'one\n');
  await writeFile(file('key'), 'k1\r\n');
  const headers = { 'x-key': { file: file('key') }, 'x-tenant': { value: 'blue' } };
  const auth = { ...NO_AUTH, bearerFile: file('token') };
  await send(t, { url, headers, auth });
  await writeFile(file('token'), 'two');
  await send(t, { url, headers, auth });
  assert.deepEqual(
    seen.map(({ headers }) => [headers.authorization, headers['x-key'], headers['x-tenant']]),
    [
      ['Bearer one', 'k1', 'blue'],
      ['Bearer two', 'k1', 'blue'],
    ],
  );
  await writeFile(file('password'), 'pä:ss\n\n');
  const basic = { username: 'ü', passwordFile: file('password') };
  await send(t, { url, auth: { ...NO_AUTH, basic } });
  // Just one line end is cut, and the bytes of the file are sent as they are.
  assert.equal(seen[2]?.headers.authorization, `Basic ${btoaUtf8('ü:pä:ss\n')}`);
});

function btoaUtf8(text: string): string {
  return Buffer.from(text).toString('base64');
}

test('userinfo of a URL is sent as basic auth, decoded, unless auth overrides it', async (t) => {
  const { port, seen } = await serve(t);
  const url = `http://us%40er:p%C3%A4%3Ass@127.0.0.1:${port}/a`;
  await send(t, { url });
  await send(t, { url, followRedirects: true });
  const dir = await directory(t);
  await writeFile(join(dir, 'token'), 'one');
  await send(t, { url, auth: { ...NO_AUTH, bearerFile: join(dir, 'token') } });
  const basic = `Basic ${btoaUtf8('us@er:pä:ss')}`;
  assert.deepEqual(
    seen.map(({ headers, url }) => [headers.authorization, url]),
    [
      [basic, '/a'],
      [basic, '/a'],
      ['Bearer one', '/a'],
    ],
  );
});

test('the signature of docs/webhook-protocol.md covers the time and the body, even an empty one', async (t) => {
  const dir = await directory(t);
  const keyFile = join(dir, 'key');
  const key = Buffer.from([0, 255, 1, 254]);
  await writeFile(keyFile, key);
  const { url, seen } = await serve(t);
  const auth = { ...NO_AUTH, hmac: { keyFile } };
  await send(t, { url, auth, body: '{"a":"ä"}' });
  await send(t, { url, auth, method: 'GET' });
  const signed = (body: string) => createHmac('sha256', key).update(body).digest('hex');
  assert.deepEqual(
    seen.map(({ headers }) => headers['lastgood-signature']),
    [
      `t=1790000000,v1=${signed('1790000000.{"a":"ä"}')}`,
      `t=1790000000,v1=${signed('1790000000.')}`,
    ],
  );
});

test('a file that cannot be used is a fault that names it, and nothing is sent', async (t) => {
  const dir = await directory(t);
  const { url, seen } = await serve(t);
  const path = join(dir, 'value');
  const asBearer = { url, auth: { ...NO_AUTH, bearerFile: path } };
  const asHeader = { url, headers: { 'x-a': { file: path } } };
  const missing = (what: string) => `fault: the file of ${what} cannot be read: ENOENT`;
  assert.equal(await outcomeOf(t, asBearer), missing('auth.bearerFile'));
  assert.equal(await outcomeOf(t, asHeader), missing('a header'));
  await writeFile(path, '\n');
  assert.equal(await outcomeOf(t, asBearer), `fault: ${path} is empty`);
  assert.equal(
    await outcomeOf(t, { url, auth: { ...NO_AUTH, hmac: { keyFile: path } } }),
    `fault: ${path} is empty`,
  );
  await writeFile(path, 'a\nb');
  const told =
    /^fault: .*value contains a character that a header cannot carry, such as a line break$/;
  assert.match(await outcomeOf(t, asBearer), told);
  assert.match(await outcomeOf(t, asHeader), told);
  await writeFile(path, 'x'.repeat(70_000));
  assert.match(await outcomeOf(t, asHeader), /larger than 65536 bytes$/);
  await mkdir(join(dir, 'folder'));
  const folder = { url, headers: { 'x-a': { file: join(dir, 'folder') } } };
  assert.equal(await outcomeOf(t, folder), `fault: ${join(dir, 'folder')} is not a regular file`);
  // Opening one without a writer would hang.
  spawnSync('mkfifo', [join(dir, 'fifo')]);
  const fifo = { url, headers: { 'x-a': { file: join(dir, 'fifo') } } };
  assert.equal(await outcomeOf(t, fifo), `fault: ${join(dir, 'fifo')} is not a regular file`);
  assert.equal(seen.length, 0);
  // It is there again: the next try goes through.
  await writeFile(path, 'good');
  assert.equal(await outcomeOf(t, asBearer), 'status 200');
});

test('a request goes to a Unix socket, and a missing one is absent', async (t) => {
  const path = join(await directory(t), 'app.sock');
  assert.equal(await outcomeOf(t, { url: `unix:${path}:/reload` }), 'absent: ENOENT');
  const { seen } = await serve(t, undefined, { path });
  await send(t, { url: `unix:${path}:/reload?all=1`, body: 'x' });
  await send(t, { url: `unix:${path}` });
  assert.deepEqual(
    seen.map(({ url, headers, body }) => [url, headers.host, body]),
    [
      ['/reload?all=1', 'localhost', 'x'],
      ['/', 'localhost', ''],
    ],
  );
  await chmod(path, 0);
  const asRoot = process.getuid?.() === 0;
  assert.match(await outcomeOf(t, { url: `unix:${path}` }), asRoot ? /^status/ : /^fault: EACCES/);
});

test('a Unix socket without a listener is absent', async (t) => {
  const path = join(await directory(t), 'app.sock');
  // A process that is killed leaves its socket behind; closing would remove it.
  const script = `require('net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`;
  spawnSync(process.execPath, ['-e', script]);
  assert.equal(await outcomeOf(t, { url: `unix:${path}:/` }), 'absent: ECONNREFUSED');
});

test('a body is read where it is used, up to the limit, after a redirect as well', async (t) => {
  const { url } = await serve(t, ({ url: path }, response) =>
    path === '/there'
      ? void response.writeHead(302, { location: '/' }).end('see there')
      : void response.end('x'.repeat(300_000)),
  );
  const bodyOf = async (more: Partial<RequestOptions>) => {
    const response = await send(t, { url, method: 'GET', ...more });
    assert.equal(response.type, 'answer');
    return [response.body.length, response.bodyEnd];
  };
  const reading = (maxBytes: number) => ({ bodyUse: { isUsed: () => true, maxBytes } });
  assert.deepEqual(await bodyOf({}), [0, 'unused']);
  assert.deepEqual(await bodyOf(reading(300_000)), [300_000, 'whole']);
  assert.deepEqual(await bodyOf(reading(299_999)), [299_999, 'long']);
  const redirected = { url: `${url}/there`, followRedirects: true };
  assert.deepEqual(await bodyOf({ ...redirected, ...reading(200_000) }), [200_000, 'long']);
});

test('a host without an address is a fault, and several addresses are absent only if all are', async (t) => {
  const unknown = await outcomeOf(t, { url: 'http://no-such-host.invalid/' });
  assert.match(
    unknown,
    /^fault: the host name (?:does not resolve|cannot be resolved at the moment) \(E/,
  );
  // Where localhost has an IPv6 address as well, both refuse.
  const port = await freePort();
  assert.equal(await outcomeOf(t, { url: `http://localhost:${port}/` }), 'absent: ECONNREFUSED');
});
