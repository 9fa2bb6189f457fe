import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { freePort } from '../../../../test/free-port.ts';
import { PLAIN_REQUEST } from './options.testing.ts';
import { outcomeOf, send } from './request.testing.ts';
import { directory, type Respond, serve } from './server.testing.ts';

const NO_AUTH = PLAIN_REQUEST.auth;

const redirect =
  (status: number, location: string): Respond =>
  (_seen, response) =>
    void response.writeHead(status, { location }).end();

test('redirects are not followed by default', async (t) => {
  const { url, seen } = await serve(t, redirect(307, '/there'));
  assert.equal(await outcomeOf(t, { url }), 'status 307');
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
    const answer = await outcomeOf(t, {
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

test('P8: a redirect to another origin, or back from it, carries no credentials', async (t) => {
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

test('P8: a body of the settings does not leave its origin', async (t) => {
  const away = await serve(t);
  const followRedirects = true;
  const ask = (url: string, method = 'POST') =>
    outcomeOf(t, { url, method, body: 'token=hunter2', isBodyPrivate: true, followRedirects });
  for (const status of [307, 308]) {
    const home = await serve(t, redirect(status, `${away.url}/there`));
    assert.equal(
      await ask(home.url),
      'fault: the redirect leads to another origin, which gets no body of the settings',
    );
  }
  const put = await serve(t, redirect(302, `${away.url}/there`));
  assert.match(await ask(put.url, 'PUT'), /^fault: the redirect leads to another origin/);
  assert.equal(away.seen.length, 0);
  // A GET has no body, and at its origin the body may go anywhere.
  const get = await serve(t, redirect(303, `${away.url}/there`));
  assert.equal(await ask(get.url), 'status 200');
  assert.deepEqual([away.seen[0]?.method, away.seen[0]?.body], ['GET', '']);
  const home = await serve(t, ({ url }, response) =>
    url === '/' ? redirect(307, '/there')({} as never, response) : void response.end(),
  );
  assert.equal(await ask(home.url), 'status 200');
  assert.equal(home.seen[1]?.body, 'token=hunter2');
});

test('P8: a password in the URL stays at its origin as well', async (t) => {
  const away = await serve(t);
  const home = await serve(t, redirect(307, `${away.url}/there`));
  await send(t, { url: `http://user:hunter2@127.0.0.1:${home.port}/`, followRedirects: true });
  assert.ok(home.seen[0]?.headers.authorization);
  assert.equal(away.seen[0]?.headers.authorization, undefined);
});

test('a redirect that leads nowhere is a fault: a loop, an invalid URL, a closed port', async (t) => {
  const loop = await serve(t, redirect(308, '/'));
  const followRedirects = true;
  assert.equal(
    await outcomeOf(t, { url: loop.url, followRedirects }),
    'fault: redirected more than 5 times',
  );
  assert.equal(loop.seen.length, 6);
  for (const location of ['ftp://host/', 'http://[', 'javascript:1']) {
    const { url } = await serve(t, redirect(302, location));
    assert.match(
      await outcomeOf(t, { url, followRedirects }),
      /^fault: .* not lead to an http or https URL$/,
    );
  }
  const dead = await serve(t, redirect(302, `http://127.0.0.1:${await freePort()}/`));
  assert.equal(
    await outcomeOf(t, { url: dead.url, followRedirects }),
    'fault: nothing listens where the redirect leads: ECONNREFUSED',
  );
  const bare = await serve(t, (_seen, response) => void response.writeHead(302).end());
  assert.equal(await outcomeOf(t, { url: bare.url, followRedirects }), 'status 302');
});

test('the timeout covers all redirects of a request together', async (t) => {
  const { url, seen } = await serve(t, (arrived, response) => {
    setTimeout(() => redirect(307, '/')(arrived, response), 60);
  });
  const reason = await outcomeOf(t, { url, followRedirects: true, timeoutMs: 150 });
  assert.equal(reason, 'fault: no response within 150 ms');
  assert.ok(seen.length <= 3, `${seen.length} requests`);
});
