import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { PROOF_WITHIN } from '../../deadline.ts';
import { freePort } from '../../free-port.ts';
import { pathOf, skip } from '../programs.ts';
import { renewals, servedName } from './certificates.ts';
import { get, hammer } from './hammer.ts';
import { startProgram } from './program.ts';
import { assertNeverDown, Scene } from './scene.ts';

/** A server that answers with this text, and the exporter that the preset reads. */
function configOf(port: number, text: string): Record<string, string> {
  const config = `global
  maxconn 200
defaults
  mode http
  timeout connect 5s
  timeout client 30s
  timeout server 30s
frontend web
  bind 127.0.0.1:${port}
  http-request use-service prometheus-exporter if { path /metrics }
  http-request return status 200 content-type text/plain string "${text}"
`;
  return { 'haproxy.cfg': config };
}

function brokenOf(port: number): Record<string, string> {
  const { 'haproxy.cfg': config = '' } = configOf(port, 'broken');
  return { 'haproxy.cfg': config.replace('timeout client', 'timeout clientt') };
}

async function running(context: TestContext, parameters: Record<string, unknown> = {}) {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const scene = await Scene.create(context, ({ dir }) => ({
    name: 'haproxy',
    socket: join(dir, 'master.sock'),
    metrics: `${url}/metrics`,
    within: PROOF_WITHIN,
    hold: '500ms',
    ...parameters,
  }));
  await scene.begin(configOf(port, 'one'));
  const { live, dir } = scene.pod;
  await startProgram(context, {
    command: [
      pathOf('haproxy'),
      ...['-W', '-S', join(dir, 'master.sock')],
      ...['-f', join(live, 'haproxy.cfg')],
    ],
    ready: () => get(url),
  });
  await scene.committed();
  return { scene, port, clients: await hammer(context, () => get(url)) };
}

test('haproxy takes a good change, gets the old files back after a bad one, and is never down', {
  skip,
}, async (context) => {
  const { scene, port, clients } = await running(context);
  await scene.change(configOf(port, 'two'), 'committed');
  await clients.sees((body) => body === 'two', 'second configuration');
  await scene.change(brokenOf(port), 'rolled-back');
  assert.deepEqual(await scene.pod.published(), configOf(port, 'two'));
  await scene.change(configOf(port, 'three'), 'committed');
  await clients.sees((body) => body === 'three', 'third configuration');
  const { bodies } = await assertNeverDown(clients);
  assert.deepEqual(bodies, ['one', 'two', 'three']);
});

test('with haproxy -c as the check, haproxy never gets a bad change', {
  skip,
}, async (context) => {
  const check = [pathOf('haproxy'), '-c', '-f', '{dir}/haproxy.cfg'];
  const { scene, port, clients } = await running(context, { check });
  const { msg } = await scene.change(brokenOf(port), 'rejected');
  assert.match(String(msg), /haproxy\.cfg:6: haproxy says: .*clientt/);
  await scene.change(configOf(port, 'two'), 'committed');
  await clients.sees((body) => body === 'two', 'second configuration');
  const { bodies } = await assertNeverDown(clients);
  assert.deepEqual(bodies, ['one', 'two']);
});

test('with tls, a certificate that haproxy loads from elsewhere is rolled back, though it has a new worker', {
  skip,
}, async (context) => {
  const { one, two, three, four } = await renewals('one', 'two', 'three', 'four');
  const [port, tlsPort] = [await freePort(), await freePort()];
  const scene = await Scene.create(context, ({ dir }) => ({
    name: 'haproxy',
    socket: join(dir, 'master.sock'),
    metrics: `http://127.0.0.1:${port}/metrics`,
    tls: { address: `127.0.0.1:${tlsPort}`, file: 'site.pem' },
    within: PROOF_WITHIN,
    hold: '500ms',
  }));
  const { live, dir } = scene.pod;
  const pemOf = ({ certificate, key }: typeof one) => `${certificate}${key}`;
  const filesFrom = (pair: typeof one, from = live) => {
    const { 'haproxy.cfg': config = '' } = configOf(port, 'ok');
    const bind = `  bind 127.0.0.1:${tlsPort} ssl crt ${from}/site.pem\n`;
    return { 'haproxy.cfg': `${config}${bind}`, 'site.pem': pemOf(pair) };
  };
  await scene.begin(filesFrom(one));
  await startProgram(context, {
    command: [
      pathOf('haproxy'),
      ...['-W', '-S', join(dir, 'master.sock')],
      ...['-f', join(live, 'haproxy.cfg')],
    ],
    ready: () => servedName(tlsPort),
  });
  await scene.committed();
  const clients = await hammer(context, () => servedName(tlsPort));
  await scene.change(filesFrom(two), 'committed');
  await clients.sees((name) => name === 'two', 'second certificate');
  await writeFile(join(dir, 'site.pem'), pemOf(two));
  const { msg } = await scene.change(filesFrom(three, dir), 'rolled-back');
  assert.match(String(msg), /it serves "two", .*; the file has "three"/);
  assert.deepEqual(await scene.pod.published(), filesFrom(two));
  await scene.change(filesFrom(four), 'committed');
  await clients.sees((name) => name === 'four', 'fourth certificate');
  const { bodies } = await assertNeverDown(clients);
  assert.deepEqual(bodies, ['one', 'two', 'four']);
});
