/**
 * An app that logs in to a database. A new password counts once a login with it has worked; queries in progress
 * end on the login that they began with.
 *
 *   GET  /query            asks the database
 *   GET  /health           the version of the credentials
 *   POST /admin/validate   the dry run of lastgood: can the app log in with the copy in `dir`?
 *   POST /admin/reload     the event of lastgood: log in again
 */
import { readFileSync, readlinkSync } from 'node:fs';
import http from 'node:http';
import { join } from 'node:path';

const DATABASE = 'http://localhost:5432';
const DIR = '/database';
const RETRY_MS = 500;

/** What `..data` links to: `..<time>.<12 digits of the version>`. */
const PUBLISHED = /\.([0-9a-f]{12})$/;

/** Reads both files from one version: `..data` is resolved once. */
function readCredentials(dir) {
  const published = readlinkSync(join(dir, '..data'));
  const read = (key) => readFileSync(join(dir, published, key), 'utf8');
  return {
    username: read('username'),
    password: read('password'),
    version: PUBLISHED.exec(published)?.[1],
  };
}

/** Resolves with a login that has worked. Rejects with the reason of the database, without the password. */
async function logIn({ username, password, version }) {
  const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
  const query = async () => {
    const response = await fetch(`${DATABASE}/query`, { headers: { authorization } });
    if (!response.ok) throw new Error(`the database refuses ${username}: ${response.status}`);
    return response.text();
  };
  await query();
  return { username, version, query };
}

/** The database may start after the app. */
async function logInAtStart() {
  for (;;) {
    try {
      return await logIn(readCredentials(DIR));
    } catch (error) {
      console.log('not yet:', error.message);
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }
}

let login = await logInAtStart();

async function answer(request) {
  const chunks = await Array.fromAsync(request);
  const event = chunks.length > 0 ? JSON.parse(Buffer.concat(chunks).toString()) : {};
  switch (`${request.method} ${request.url}`) {
    case 'GET /query':
      return { status: 200, body: await login.query() };
    case 'GET /health':
      return { status: 200, body: { username: login.username, version: login.version } };
    case 'POST /admin/validate':
      return accept(async () => {
        await logIn(readCredentials(event.dir));
      });
    case 'POST /admin/reload':
      return accept(async () => {
        login = await logIn({ ...readCredentials(DIR), version: event.version });
        console.log('logged in as', login.username, 'with version', login.version);
      });
    default:
      return { status: 404, body: {} };
  }
}

/** 422 says that the app has read the version and cannot use it. */
async function accept(work) {
  try {
    await work();
    return { status: 200, body: {} };
  } catch (error) {
    return { status: 422, body: { reason: error.message } };
  }
}

const server = http.createServer(async (request, response) => {
  const { status, body } = await answer(request).catch((error) => ({
    status: 500,
    body: { error: error.message },
  }));
  response.writeHead(status).end(JSON.stringify(body));
});
server.listen(8080, () => console.log('listening on port 8080'));
process.once('SIGTERM', () => process.exit(0));
