import assert from 'node:assert/strict';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { atEnd } from '../../at-end.ts';
import { DEADLINE_MS } from '../../deadline.ts';
import { freePort } from '../../free-port.ts';
import { createCluster, postgresUser } from '../postgres-cluster.ts';
import { pathOf, skip as skipPrograms } from '../programs.ts';
import { get, hammer } from '../reload/hammer.ts';
import { askOnce } from '../reload/postgres-client.ts';
import { startProgram } from '../reload/program.ts';
import { compileExample, installExample } from './install-example.ts';
import { PLACES, type Place, stateOf } from './place.ts';

const CLIENTS = 32;
const MIN_REQUESTS = 500;

const { dir, skip: skipExample, remove } = await installExample('sdk-postgres');
after(remove);

const skip = skipExample || skipPrograms;

interface Login {
  readonly username: string;
  readonly password: string;
}

const A: Login = { username: 'app_a', password: 'first' };
const B: Login = { username: 'app_b', password: 'second' };
const NEW_A: Login = { username: 'app_a', password: 'third' };

/** A database that asks all but the user `postgres` for a password. Returns its port and how to ask it as that user. */
async function database(context: TestContext) {
  const root = await mkdtemp(join(tmpdir(), 'lastgood-postgres-'));
  atEnd(context, () => rm(root, { recursive: true, force: true }));
  await chmod(root, 0o777);
  const data = join(root, 'data');
  await createCluster(data);
  const access = [
    'host all postgres 127.0.0.1/32 trust',
    'host all all 127.0.0.1/32 scram-sha-256',
  ];
  await writeFile(join(data, 'pg_hba.conf'), `${access.join('\n')}\n`);
  const port = await freePort();
  const ask = (query: string) => askOnce(port, query);
  const settings = ['unix_socket_directories=', 'jit=off', 'fsync=off'];
  await startProgram(context, {
    command: [
      pathOf('postgres'),
      ...['-D', data, '-p', String(port)],
      ...settings.flatMap((setting) => ['-c', setting]),
    ],
    cwd: '/',
    ready: () => ask('SELECT 1'),
    ...postgresUser,
  });
  await ask(await readFile(join(dir, 'setup.sql'), 'utf8'));
  return { port, ask };
}

/** A process of the server. */
async function startServer(context: TestContext, place: Place) {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const program = await startProgram(context, {
    command: [process.execPath, '--env-file=local.env', 'main.ts'],
    cwd: dir,
    env: { ...place.env, PORT: String(port) },
    ready: () => get(`${url}/health/config`),
  });
  return { url, program };
}

/** The user who has made a visit. */
async function visit(url: string): Promise<string> {
  const response = await fetch(`${url}/visits`, { method: 'POST' });
  const text = await response.text();
  assert.equal(response.status, 200, text);
  return JSON.parse(text).user;
}

async function untilGone(ask: (query: string) => Promise<string>, user: string): Promise<void> {
  const count = `SELECT count(*) FROM pg_stat_activity WHERE usename = '${user}'`;
  const deadline = Date.now() + DEADLINE_MS;
  while ((await ask(count)) !== '0') {
    assert.ok(Date.now() < deadline, `connections of ${user} are left`);
    await sleep(20);
  }
}

test('sdk-postgres compiles', { skip: skipExample }, async () => {
  assert.equal(await compileExample(dir), '');
});

for (const [where, placeIn] of PLACES)
  test(`P10 sdk-postgres ${where} rotates user and password under load, and no query fails`, {
    skip,
  }, async (context) => {
    await rotateUnderLoad(context, await placeIn(context, dir));
  });

async function rotateUnderLoad(context: TestContext, place: Place) {
  const { port, ask } = await database(context);
  const write = (login: Login) =>
    place.write({ host: '127.0.0.1', port: `${port}`, dbname: 'postgres', ...login });
  await write(A);
  const { url, program } = await startServer(context, place);
  // Revoked while it is in use: the pool has all the connections that it needs.
  await ask('ALTER ROLE app_a NOLOGIN PASSWORD NULL');
  const clients = await hammer(context, () => visit(url), CLIENTS);
  let others = 0;
  const change = async (login: Login) => {
    const { version } = await stateOf(url, () => true);
    await write(login);
    await stateOf(url, (state) => state.status === 'ok' && state.version !== version);
  };

  await change(B);
  await clients.sees((user) => user === 'app_b', 'visit of app_b');
  await untilGone(ask, 'app_a');

  // Half of a rotation: the user of the new login with the password of the old one.
  const before = await stateOf(url, () => true);
  await write({ ...NEW_A, password: B.password });
  const { reason = '', version } = await stateOf(url, ({ status }) => status === 'degraded');
  assert.equal(version, before.version);
  assert.match(reason, /^password authentication failed for user "\[secret\]"$/);
  if (place.status !== undefined) {
    await place.status(({ rejected, active }) => rejected !== null && active === version);
    // A process that starts now gets the login that works.
    assert.equal(await visit((await startServer(context, place)).url), 'app_b');
    others += 1;
  }

  // And again: forward is the only way.
  await ask('ALTER ROLE app_b NOLOGIN PASSWORD NULL');
  await ask("ALTER ROLE app_a LOGIN PASSWORD 'third'");
  await change(NEW_A);
  await clients.sees((user) => user === 'app_a', 'visit of app_a');
  await untilGone(ask, 'app_b');

  const status = (await place.status?.(() => true)) ?? '';
  const { failures, requests } = await clients.stop(MIN_REQUESTS);
  assert.deepEqual(failures, []);
  assert.equal(await ask('SELECT count(*) FROM visits'), String(requests + others));
  for (const secret of ['app_a', 'app_b', 'first', 'second', 'third'])
    for (const text of [program.output, place.log?.() ?? '', JSON.stringify(status)])
      assert.ok(!text.includes(secret), text);
}
