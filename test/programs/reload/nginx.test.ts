import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Issued } from '../../../sidecar/src/checks/certificates/certificate.testing.ts';
import { listProcesses } from '../../../sidecar/src/io/process/process-table.ts';
import { PROOF_WITHIN } from '../../deadline.ts';
import { freePort } from '../../free-port.ts';
import { pathOf, skip } from '../programs.ts';
import { renewals, servedName } from './certificates.ts';
import { get, hammer } from './hammer.ts';
import { startProgram } from './program.ts';
import { assertNeverDown, Scene } from './scene.ts';

interface Place {
  readonly dir: string;
  readonly port: number;
}

function configOf({ dir }: Place, server: string): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `  ${name}_temp_path ${dir}/tmp;\n`)
    .join('');
  return `daemon off;
worker_processes 2;
pid ${dir}/nginx.pid;
error_log stderr;
events {}
http {
  access_log off;
${temporary}  server {
${server}  }
}
`;
}

/** A byte a second: a response that takes longer than any test. */
const SLOW = `limit_rate 1; return 200 "${'-'.repeat(2_000)}";`;

/** The text of its answer is also in a file, for a proof to compare. */
function filesOf(place: Place, text: string): Record<string, string> {
  const server = `    listen 127.0.0.1:${place.port};
    location / { return 200 "${text}"; }
    location = /healthz { return 200 ok; }
    location = /slow { ${SLOW} }
`;
  return { 'nginx.conf': configOf(place, server), version: text };
}

function brokenOf(place: Place): Record<string, string> {
  const files = filesOf(place, 'broken');
  return { ...files, 'nginx.conf': (files['nginx.conf'] ?? '').replace('access_log', 'acces_log') };
}

async function running(
  context: TestContext,
  parametersAt: (place: Place) => Record<string, unknown>,
) {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const scene = await Scene.create(context, ({ dir, live }) => ({
    name: 'nginx',
    commandLine: live,
    health: `${url}/healthz`,
    hold: '500ms',
    ...parametersAt({ dir, port }),
  }));
  const { live, dir } = scene.pod;
  const place = { dir, port };
  await scene.begin(filesOf(place, 'one'));
  const { pid } = await startProgram(context, {
    command: [pathOf('nginx'), '-p', dir, '-c', join(live, 'nginx.conf')],
    ready: () => get(url),
  });
  await scene.committed();
  return { scene, place, pid, clients: await hammer(context, () => get(url)) };
}

test('with nginx -t as the check, nginx takes a good change, never gets a bad one, and is never down', {
  skip,
}, async (context) => {
  const { scene, place, clients } = await running(context, ({ dir }) => ({
    check: [pathOf('nginx'), '-t', '-p', dir, '-c', '{dir}/nginx.conf'],
  }));
  await scene.change(filesOf(place, 'two'), 'committed');
  await clients.sees((body) => body === 'two', 'second configuration');
  const { msg } = await scene.change(brokenOf(place), 'rejected');
  assert.match(String(msg), /nginx\.conf:\d+: nginx says: unknown directive "acces_log"/);
  await scene.change(filesOf(place, 'three'), 'committed');
  await clients.sees((body) => body === 'three', 'third configuration');
  const { bodies } = await assertNeverDown(clients);
  assert.deepEqual(bodies, ['one', 'two', 'three']);
});

test('with nothing set, the workers show what nginx could not read, and the old files come back', {
  skip,
}, async (context) => {
  const { scene, place, clients } = await running(context, () => ({ within: PROOF_WITHIN }));
  const { msg } = await scene.change(brokenOf(place), 'rolled-back');
  assert.match(String(msg), /process nginx \(pid \d+\) runs no worker started since/);
  assert.deepEqual(await scene.pod.published(), filesOf(place, 'one'));
  await scene.change(filesOf(place, 'two'), 'committed');
  const { bodies } = await assertNeverDown(clients);
  assert.deepEqual(bodies, ['one', 'two']);
});

test('a worker that the master replaces proves nothing about a file that it could not read', {
  skip,
}, async (context) => {
  const { scene, place, pid } = await running(context, () => ({ within: PROOF_WITHIN }));
  const since = scene.pod.lines.length;
  const outcome = scene.change(brokenOf(place), 'rolled-back');
  await scene.pod.line(({ step }) => step === 'deliver', 'delivery', since);
  const worker = (await listProcesses()).find(({ parent }) => parent === pid);
  assert.ok(worker !== undefined);
  process.kill(worker.pid, 'SIGKILL');
  assert.match(String((await outcome).msg), /worker nginx \(pid \d+\) from before .* still runs/);
});

test('a worker that still finishes a request does not keep a good change from its proof', {
  skip,
}, async (context) => {
  const { scene, place, pid } = await running(context, () => ({ within: PROOF_WITHIN }));
  const socket = connect(place.port, '127.0.0.1');
  context.after(() => socket.destroy());
  socket.on('error', () => {});
  socket.write('GET /slow HTTP/1.0\r\n\r\n');
  // A connection alone may still wait for a worker, and a new one would accept it.
  await once(socket, 'data');
  await scene.change(filesOf(place, 'two'), 'committed');
  const workers = (await listProcesses()).filter(({ parent }) => parent === pid);
  assert.ok(workers.some(({ argv }) => argv.join(' ').endsWith('is shutting down')));
});

/** Ends with 0 when a URL answers just what a file holds. */
const COMPARE = `const [url, file] = process.argv.slice(1);
const text = require('node:fs').readFileSync(file, 'utf8');
require('node:http').get(url, (response) => {
  let body = '';
  response.on('data', (chunk) => { body += chunk; });
  response.on('end', () => process.exit(body === text ? 0 : 1));
}).on('error', () => process.exit(1));`;

test('a proof compares what nginx serves with what it should', {
  skip,
}, async (context) => {
  const { scene, place, clients } = await running(context, ({ port }) => ({
    proof: [process.execPath, '-e', COMPARE, `http://127.0.0.1:${port}/`, '{dir}/version'],
    within: PROOF_WITHIN,
  }));
  await scene.change(brokenOf(place), 'rolled-back');
  assert.deepEqual(await scene.pod.published(), filesOf(place, 'one'));
  await scene.change(filesOf(place, 'two'), 'committed');
  const { bodies } = await assertNeverDown(clients);
  assert.deepEqual(bodies, ['one', 'two']);
});

/** nginx with TLS; the certificates are in the directory that it reads, or in another one. */
function secureFilesOf(place: Place, { certificate, key }: Issued, from: string) {
  const server = `    listen 127.0.0.1:${place.port} ssl;
    ssl_certificate ${from}/tls.crt;
    ssl_certificate_key ${from}/tls.key;
    return 200 ok;
`;
  return { 'nginx.conf': configOf(place, server), 'tls.crt': certificate, 'tls.key': key };
}

test('with tls, a certificate that nginx loads from elsewhere is rolled back, though it has new workers', {
  skip,
}, async (context) => {
  const { one, two, three, four } = await renewals('one', 'two', 'three', 'four');
  const port = await freePort();
  const scene = await Scene.create(context, ({ live }) => ({
    name: 'nginx',
    commandLine: live,
    tls: { address: `127.0.0.1:${port}`, file: 'tls.crt' },
    hold: '500ms',
    within: PROOF_WITHIN,
  }));
  const { live, dir } = scene.pod;
  const filesFrom = (pair: Issued, from = live) => secureFilesOf({ dir, port }, pair, from);
  await scene.begin(filesFrom(one));
  await startProgram(context, {
    command: [pathOf('nginx'), '-p', dir, '-c', join(live, 'nginx.conf')],
    ready: () => servedName(port),
  });
  await scene.committed();
  const clients = await hammer(context, () => servedName(port));
  await scene.change(filesFrom(two), 'committed');
  await clients.sees((name) => name === 'two', 'second certificate');
  // As after a copy that a script made at the start of the container.
  await writeFile(join(dir, 'tls.crt'), two.certificate);
  await writeFile(join(dir, 'tls.key'), two.key);
  const { msg } = await scene.change(filesFrom(three, dir), 'rolled-back');
  assert.match(
    String(msg),
    /does not serve the certificate in tls\.crt: it serves "two", .*; the file has "three"/,
  );
  assert.deepEqual(await scene.pod.published(), filesFrom(two));
  await scene.change(filesFrom(four), 'committed');
  const { bodies } = await assertNeverDown(clients);
  assert.deepEqual(bodies, ['one', 'two', 'four']);
});
