import assert from 'node:assert/strict';
import { chown, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { issue } from '../../../sidecar/src/checks/certificates/certificate.testing.ts';
import { atEnd } from '../../at-end.ts';
import { PROOF_WITHIN } from '../../deadline.ts';
import { freePort } from '../../free-port.ts';
import type { Pod } from '../../pipeline/pod.ts';
import { createCluster, postgresUser } from '../postgres-cluster.ts';
import { pathOf, skip } from '../programs.ts';
import { renewals, servedName } from './certificates.ts';
import { hammer } from './hammer.ts';
import { askOnce, connect } from './postgres-client.ts';
import { startProgram } from './program.ts';
import { assertNeverDown, Scene } from './scene.ts';

const SHOWN = 'SHOW work_mem';
const PSQL = join(import.meta.dirname, 'psql.ts');

function filesOf(workMemory: string): Record<string, string> {
  const config = `unix_socket_directories = ''
jit = off
fsync = off
work_mem = '${workMemory}'
`;
  return { 'postgresql.conf': config };
}

async function running(context: TestContext) {
  const port = await freePort();
  const scene = await Scene.create(context, ({ dir }) => ({
    name: 'postgresql',
    commandLine: dir,
    psql: [process.execPath, PSQL, String(port)],
    within: PROOF_WITHIN,
    hold: '500ms',
  }));
  const { pod } = scene;
  await pod.openToNobody();
  const data = join(pod.dir, 'data');
  await createCluster(data);
  await scene.begin(filesOf('4MB'));
  await startPostgres(context, { pod, data, port, ready: () => askOnce(port, SHOWN) });
  await scene.committed();
  return { scene, port };
}

interface Server {
  readonly pod: Pod;
  readonly data: string;
  readonly port: number;
  readonly ready: () => Promise<unknown>;
}

/** The server runs on what lastgood publishes. */
function startPostgres(context: TestContext, { pod, data, port, ready }: Server) {
  return startProgram(context, {
    command: [
      pathOf('postgres'),
      `--config_file=${join(pod.live, 'postgresql.conf')}`,
      ...['-D', data, '-p', String(port)],
    ],
    cwd: '/',
    ready,
    ...postgresUser,
  });
}

test('postgresql takes a good change, gets the old files back after a bad one, and is never down', {
  skip,
}, async (context) => {
  const { scene, port } = await running(context);
  const session = await connect(port);
  atEnd(context, () => session.end());
  const news = await hammer(context, () => askOnce(port, SHOWN));
  let last = Promise.resolve('');
  // One statement at a time, whichever of the clients asks.
  const old = await hammer(context, () => {
    last = last.then(() => session.ask(SHOWN));
    return last;
  });
  await scene.change(filesOf('8MB'), 'committed');
  for (const clients of [news, old])
    await clients.sees((value) => value === '8MB', 'second configuration');
  await scene.change(filesOf('8 parsecs'), 'rolled-back');
  assert.deepEqual(await scene.pod.published(), filesOf('8MB'));
  await scene.change(filesOf('16MB'), 'committed');
  assert.deepEqual((await assertNeverDown(news)).bodies, ['4MB', '8MB', '16MB']);
  assert.deepEqual((await assertNeverDown(old)).bodies, ['4MB', '8MB', '16MB']);
});

test('with tls, a renewed certificate is committed, and one of another key, which postgresql only logs, is rolled back', {
  skip,
}, async (context) => {
  const { one, two: other } = await renewals('one', 'two');
  const renewed = await issue({ name: 'renewed', keys: one.keys, to: '2049-01-01T00:00:00Z' });
  const port = await freePort();
  const scene = await Scene.create(context, ({ dir }) => ({
    name: 'postgresql',
    commandLine: dir,
    tls: { address: `127.0.0.1:${port}`, file: 'tls.crt', startTls: 'postgres' },
    within: PROOF_WITHIN,
    hold: '500ms',
  }));
  const { pod } = scene;
  await pod.openToNobody();
  const [data, keyPath] = [join(pod.dir, 'data'), join(pod.dir, 'tls.key')];
  await createCluster(data);
  // PostgreSQL takes a key only from a file of its own user.
  await writeFile(keyPath, one.key, { mode: 0o600 });
  const { uid, gid } = postgresUser;
  if (uid !== undefined && gid !== undefined) await chown(keyPath, uid, gid);
  const filesFrom = ({ certificate }: typeof one) => ({
    'postgresql.conf': `${filesOf('4MB')['postgresql.conf']}ssl = on
ssl_cert_file = '${join(pod.live, 'tls.crt')}'
ssl_key_file = '${keyPath}'
`,
    'tls.crt': certificate,
  });
  await scene.begin(filesFrom(one));
  const ask = () => servedName(port, { startTls: 'postgres' });
  await startPostgres(context, { pod, data, port, ready: ask });
  await scene.committed();
  const clients = await hammer(context, ask);
  await scene.change(filesFrom(renewed), 'committed');
  await clients.sees((name) => name === 'renewed', 'renewed certificate');
  const { msg } = await scene.change(filesFrom(other), 'rolled-back');
  assert.match(String(msg), /it serves "renewed", .*; the file has "two"/);
  assert.deepEqual(await scene.pod.published(), filesFrom(renewed));
  const { bodies } = await assertNeverDown(clients);
  assert.deepEqual(bodies, ['one', 'renewed']);
});
