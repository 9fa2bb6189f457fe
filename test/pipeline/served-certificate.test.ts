import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import tls from 'node:tls';
import { type Issued, issue } from '../../sidecar/src/checks/certificates/certificate.testing.ts';
import { listening } from '../../sidecar/src/io/http/server.testing.ts';
import { PROOF_WITHIN } from '../deadline.ts';
import { Pod, type PodOptions } from './pod.ts';

const LONG = { from: '2020-01-01T00:00:00Z', to: '2049-01-01T00:00:00Z' };

const authority = await issue({ name: 'authority', ca: true, ...LONG });
const intermediate = await issue({ name: 'intermediate', ca: true, by: authority, ...LONG });
const below = await issue({ name: 'below', by: intermediate, ...LONG });
const [first, second, third] = await Promise.all(
  ['first', 'second', 'third'].map((name) => issue({ name, by: authority, ...LONG })),
);
assert.ok(first && second && third);

function filesOf({ certificate, key }: Issued): Record<string, string> {
  return { 'tls.crt': certificate, 'tls.key': key };
}

function keyAndCertOf({ certificate: cert, key }: Issued) {
  return { cert, key };
}

interface Served extends PodOptions {
  readonly within?: string;
}

/** A server with the certificate of its directory, which it reads again only when the test says so. */
async function serving(t: TestContext, { within = '1m', ...options }: Served = {}) {
  const server = tls.createServer((socket) => socket.on('error', () => {}).resume());
  await listening(t, server);
  const { port } = server.address() as AddressInfo;
  const pod = await Pod.create(t, options);
  const proof = { address: `127.0.0.1:${port}`, file: 'tls.crt' };
  pod.bundle.confirm = { within, hold: '200ms', tls: proof };
  await pod.configured();
  const dir = options.direct ? pod.source : pod.live;
  const reload = () => {
    const [cert, key] = ['tls.crt', 'tls.key'].map((name) => readFileSync(join(dir, name)));
    server.setSecureContext({ cert, key });
  };
  const serve = (pair: Issued) => server.setSecureContext(keyAndCertOf(pair));
  await pod.write(filesOf(first as Issued));
  pod.start();
  if (!options.direct)
    await pod.line(({ step }) => step === 'publish', 'first version in its directory');
  reload();
  await pod.outcome('committed');
  return { pod, reload, serve };
}

/** Writes a pair and waits until the app has been notified of it. */
async function rotate(pod: Pod, pair: Issued): Promise<number> {
  const since = pod.lines.length;
  await pod.write(filesOf(pair));
  await pod.line(({ step }) => step === 'deliver', 'delivery', since);
  return since;
}

test('a renewed certificate is committed once the app serves it, however late', async (t) => {
  const { pod, reload } = await serving(t);
  const since = await rotate(pod, second);
  await pod.line(({ code }) => code === 'LG_CONFIRM_WAITING', 'report of the wait', since);
  const { findings } = (await pod.status()).health;
  assert.match(
    findings.map(({ message }) => message).join(),
    /^not proven yet: 127\.0\.0\.1:\d+ does not serve the certificate in tls\.crt: it serves "first"/,
  );
  reload();
  await pod.outcome('committed', since);
  assert.deepEqual((await pod.status()).health.findings, []);
});

test('if the app goes on serving the old certificate, the old pair comes back, with the reason', async (t) => {
  const { pod, reload } = await serving(t, { within: PROOF_WITHIN });
  const since = await rotate(pod, second);
  const { msg } = await pod.outcome('rolled-back', since);
  assert.match(
    String(msg),
    new RegExp(
      `no proof within ${PROOF_WITHIN} .* it serves "first", valid .*; the file has "second", valid .*LG_CONFIRM_FAILED`,
    ),
  );
  assert.deepEqual(await pod.published(), filesOf(first));
  const { health, rejected } = await pod.status();
  assert.deepEqual([health.state, rejected?.step], ['degraded', 'confirm']);
  const next = await rotate(pod, third);
  reload();
  await pod.outcome('committed', next);
});

test('P8: of a secret pair the log and the status have no name and no digest', async (t) => {
  const { pod } = await serving(t, { within: PROOF_WITHIN, volume: { secret: true } });
  const since = await rotate(pod, second);
  const { msg } = await pod.outcome('rolled-back', since);
  assert.match(
    String(msg),
    /it serves one valid from 2020-01-01 00:00 UTC to 2049-01-01 00:00 UTC; the file has one valid from/,
  );
  const shown = `${JSON.stringify(pod.lines)}${JSON.stringify(await pod.status())}${pod.stderr}`;
  assert.doesNotMatch(shown, /first|second|SHA-256|serial/);
});

test('a server that sends no intermediate certificate is accepted with a warning', async (t) => {
  const { pod, serve } = await serving(t);
  const chain = { ...below, certificate: `${below.certificate}${intermediate.certificate}` };
  const since = await rotate(pod, chain);
  serve(below);
  await pod.outcome('committed', since);
  const accepted = await pod.line(({ step }) => step === 'confirm', 'proof', since);
  assert.match(String(accepted.msg), /confirm accepted.*LG_CONFIRM_CHAIN/);
  const [last] = (await pod.status()).recent;
  const warnings = last?.steps.flatMap((step) => step.warnings ?? []);
  assert.deepEqual(
    warnings?.map(({ code }) => code),
    ['LG_CONFIRM_CHAIN'],
  );
});

test('a last good version from before the proof is restored without it', async (t) => {
  const server = tls.createServer(keyAndCertOf(first), (socket) => socket.on('error', () => {}));
  await listening(t, server);
  const pod = await Pod.create(t);
  await pod.configured();
  await pod.startOn({ other: 'x' });
  await pod.kill('SIGTERM');
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  pod.bundle.confirm = { within: PROOF_WITHIN, hold: '0ms', tls: { address, file: 'tls.crt' } };
  await pod.configured();
  const restarted = pod.lines.length;
  pod.start();
  await pod.outcome('unchanged', restarted);
  const since = await rotate(pod, second);
  await pod.outcome('rolled-back', since);
  assert.deepEqual(await pod.published(), { other: 'x' });
  const warning = ({ msg }: { msg?: unknown }) => String(msg).includes('LG_CONFIRM_UNKNOWN');
  await pod.line(warning, 'warning', since);
});

test('in direct mode a certificate that the app did not take is rejected', async (t) => {
  const { pod, reload } = await serving(t, { within: PROOF_WITHIN, direct: true });
  const since = await rotate(pod, second);
  await pod.outcome('rejected', since);
  const next = await rotate(pod, third);
  reload();
  await pod.outcome('committed', next);
});

test('P7: a sidecar that was killed during the proof goes on with it', async (t) => {
  const { pod, reload } = await serving(t, { bundle: { targets: [] } });
  const since = pod.lines.length;
  await pod.write(filesOf(second));
  await pod.line(({ step }) => step === 'publish', 'publish', since);
  await pod.kill('SIGKILL');
  const restarted = pod.lines.length;
  pod.start();
  await pod.line(({ code }) => code === 'LG_CONFIRM_WAITING', 'report of the wait', restarted);
  reload();
  await pod.outcome('committed', restarted);
});
