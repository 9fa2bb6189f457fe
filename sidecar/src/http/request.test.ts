import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type Clock, systemClock } from '../clock.ts';
import { PLAIN_REQUEST } from './plain.fixture.ts';
import { createHttpClient, type RequestOptions, type Response } from './request.ts';
import { directory, freePort, type Respond, serve } from './server.fixture.ts';

const NOW_MS = 1_790_000_000_999;
const clock: Clock = { ...systemClock, wallMs: () => NOW_MS };
const NO_AUTH = PLAIN_REQUEST.auth;

type More = Partial<RequestOptions> & Pick<RequestOptions, 'url'>;

function send(t: TestContext, more: More): Promise<Response> {
  const client = createHttpClient({ clock, proxyEnv: undefined });
  t.after(() => client.close());
  return client.request({ method: 'POST', timeoutMs: 5_000, ...more });
}

async function reasonFor(t: TestContext, more: More): Promise<string> {
  const response = await send(t, more);
  return response.type === 'answer'
    ? `status ${response.status}`
    : `${response.type}: ${response.reason}`;
}

const redirect =
  (status: number, location: string): Respond =>
  (_seen, response) =>
    void response.writeHead(status, { location }).end();

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

test('userinfo of a URL is sent as basic auth, decoded, with and without more of it', async (t) => {
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

test('the signature is that of docs/protocol.md, over time and body, also where there is none', async (t) => {
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
  assert.equal(await reasonFor(t, asBearer), `fault: ${path} cannot be read: ENOENT`);
  assert.equal(await reasonFor(t, asHeader), `fault: ${path} cannot be read: ENOENT`);
  await writeFile(path, '\n');
  assert.equal(await reasonFor(t, asBearer), `fault: ${path} is empty`);
  assert.equal(
    await reasonFor(t, { url, auth: { ...NO_AUTH, hmac: { keyFile: path } } }),
    `fault: ${path} is empty`,
  );
  await writeFile(path, 'a\nb');
  const told = /^fault: .*value holds what cannot stand in a header, such as a line break$/;
  assert.match(await reasonFor(t, asBearer), told);
  assert.match(await reasonFor(t, asHeader), told);
  await writeFile(path, 'x'.repeat(70_000));
  assert.match(await reasonFor(t, asHeader), /larger than 65536 bytes$/);
  await mkdir(join(dir, 'folder'));
  const folder = { url, headers: { 'x-a': { file: join(dir, 'folder') } } };
  assert.equal(await reasonFor(t, folder), `fault: ${join(dir, 'folder')} is no file`);
  // Opening one that nobody writes to would hang.
  spawnSync('mkfifo', [join(dir, 'fifo')]);
  const fifo = { url, headers: { 'x-a': { file: join(dir, 'fifo') } } };
  assert.equal(await reasonFor(t, fifo), `fault: ${join(dir, 'fifo')} is no file`);
  assert.equal(seen.length, 0);
  // It is there again: the next try goes through.
  await writeFile(path, 'good');
  assert.equal(await reasonFor(t, asBearer), 'status 200');
});

test('a Unix socket is spoken to at its path, and one that is not there is absent', async (t) => {
  const path = join(await directory(t), 'app.sock');
  assert.equal(await reasonFor(t, { url: `unix:${path}:/reload` }), 'absent: ENOENT');
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
  assert.match(await reasonFor(t, { url: `unix:${path}` }), asRoot ? /^status/ : /^fault: EACCES/);
});

test('a Unix socket that nobody listens at any more is absent', async (t) => {
  const path = join(await directory(t), 'app.sock');
  // A process that is killed leaves its socket behind; closing would remove it.
  const script = `require('net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`;
  spawnSync(process.execPath, ['-e', script]);
  assert.equal(await reasonFor(t, { url: `unix:${path}:/` }), 'absent: ECONNREFUSED');
});

test('without being asked to, no redirect is followed', async (t) => {
  const { url, seen } = await serve(t, redirect(307, '/there'));
  assert.equal(await reasonFor(t, { url }), 'status 307');
  assert.equal(seen.length, 1);
});

test('a redirect keeps method and body, or becomes a GET, as with fetch', async (t) => {
  const expected = [
    ['POST', 301, 'GET', ''],
    ['POST', 302, 'GET', ''],
    ['POST', 303, 'GET', ''],
    ['PUT', 301, 'PUT', 'body'],
    ['PUT', 303, 'GET', ''],
    ['POST', 307, 'POST', 'body'],
    ['DELETE', 308, 'DELETE', 'body'],
  ] as const;
  for (const [method, status, then, body] of expected) {
    const { url, seen } = await serve(t, (arrived, response) =>
      arrived.url === '/there'
        ? void response.end()
        : redirect(status, '/there')(arrived, response),
    );
    const headers = { 'content-type': 'text/plain' };
    const answer = await reasonFor(t, {
      url,
      method,
      body: 'body',
      headers,
      followRedirects: true,
    });
    assert.equal(answer, 'status 200');
    const last = seen[1];
    const type = body === '' ? undefined : 'text/plain';
    assert.deepEqual(
      [last?.method, last?.body, last?.headers['content-type']],
      [then, body, type],
      `${method} ${status}`,
    );
  }
});

test('P8: another origin sees none of what says who it is, and neither does the way back', async (t) => {
  const dir = await directory(t);
  for (const name of ['token', 'key', 'header']) await writeFile(join(dir, name), `hunter-${name}`);
  const path = (name: string) => join(dir, name);
  let homeUrl = '';
  const away = await serve(t, (seen, response) => redirect(307, `${homeUrl}/back`)(seen, response));
  const home = await serve(t, ({ url }, response) => {
    if (url === '/end') return void response.end();
    if (url === '/back') return redirect(307, '/end')({} as never, response);
    redirect(307, url === '/' ? '/again' : `${away.url}/there`)({} as never, response);
  });
  homeUrl = home.url;
  const answer = await send(t, {
    url: home.url,
    body: 'body',
    followRedirects: true,
    headers: {
      'lastgood-bundle': 'model',
      'content-type': { value: 'text/x' },
      'x-key': { file: path('header') },
      cookie: { value: 'hunter-value' },
    },
    auth: { ...NO_AUTH, bearerFile: path('token'), hmac: { keyFile: path('key') } },
  });
  assert.equal(answer.type, 'answer');
  const [first, again, back, end] = home.seen;
  for (const seen of [first, again]) {
    assert.equal(seen?.headers.authorization, 'Bearer hunter-token');
    assert.equal(seen?.headers['x-key'], 'hunter-header');
    assert.ok(seen?.headers['lastgood-signature']);
  }
  for (const seen of [away.seen[0], back, end]) {
    assert.doesNotMatch(JSON.stringify(seen), /hunter|signature/);
    assert.equal(seen?.headers['lastgood-bundle'], 'model');
    assert.equal(seen?.headers['content-type'], 'text/x');
    assert.equal(seen?.body, 'body');
  }
});

test('P8: a password in the URL stays at its origin as well', async (t) => {
  const away = await serve(t);
  const home = await serve(t, redirect(307, `${away.url}/there`));
  await send(t, { url: `http://user:hunter2@127.0.0.1:${home.port}/`, followRedirects: true });
  assert.ok(home.seen[0]?.headers.authorization);
  assert.equal(away.seen[0]?.headers.authorization, undefined);
});

test('a redirect that leads nowhere is a fault: a loop, no URL, nobody there', async (t) => {
  const loop = await serve(t, redirect(308, '/'));
  const followRedirects = true;
  assert.equal(
    await reasonFor(t, { url: loop.url, followRedirects }),
    'fault: redirected more than 5 times',
  );
  assert.equal(loop.seen.length, 6);
  for (const location of ['ftp://host/', 'http://[', 'javascript:1']) {
    const { url } = await serve(t, redirect(302, location));
    assert.match(await reasonFor(t, { url, followRedirects }), /^fault: .* no http or https URL$/);
  }
  const dead = await serve(t, redirect(302, `http://127.0.0.1:${await freePort()}/`));
  assert.equal(
    await reasonFor(t, { url: dead.url, followRedirects }),
    'fault: the redirect leads to where nobody is: ECONNREFUSED',
  );
  const bare = await serve(t, (_seen, response) => void response.writeHead(302).end());
  assert.equal(await reasonFor(t, { url: bare.url, followRedirects }), 'status 302');
});

test('the time for a request is that of all its redirects together', async (t) => {
  const { url, seen } = await serve(t, (arrived, response) => {
    setTimeout(() => redirect(307, '/')(arrived, response), 60);
  });
  const reason = await reasonFor(t, { url, followRedirects: true, timeoutMs: 150 });
  assert.equal(reason, 'fault: no answer within 150 ms');
  assert.ok(seen.length <= 3, `${seen.length} requests`);
});

test('of a larger body as much is read as is asked for', async (t) => {
  const { url } = await serve(t, (_seen, response) => void response.end('x'.repeat(300_000)));
  const length = async (more: Partial<RequestOptions>) => {
    const response = await send(t, { url, method: 'GET', ...more });
    return response.type === 'answer' ? response.body.length : 0;
  };
  assert.equal(await length({}), 65_536);
  assert.equal(await length({ maxBodyBytes: 200_000 }), 200_000);
  assert.equal(await length({ maxBodyBytes: 200_000, followRedirects: true }), 200_000);
});

test('a host without an address is a fault, and several addresses are absent only together', async (t) => {
  const unknown = await reasonFor(t, { url: 'http://no-such-host.invalid/' });
  assert.match(unknown, /^fault: the host (?:has no address|cannot be looked up now) \(E/);
  // Where localhost has an IPv6 address as well, both refuse.
  const port = await freePort();
  assert.equal(await reasonFor(t, { url: `http://localhost:${port}/` }), 'absent: ECONNREFUSED');
});
