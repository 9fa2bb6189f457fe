import assert from 'node:assert/strict';
import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import net, { type AddressInfo, type Server } from 'node:net';
import { type TestContext, test } from 'node:test';
import tls, { type TlsOptions } from 'node:tls';
import { formatFinding } from '@lastgood/core/model/finding.ts';
import type { Snapshot, Version } from '@lastgood/core/model/snapshot.ts';
import { freePort } from '../../../../test/free-port.ts';
import { type Issued, issue } from '../../checks/certificates/certificate.testing.ts';
import { listening } from '../../io/http/server.testing.ts';
import type { TlsProbeSettings } from '../../settings/settings.ts';
import { fileOf, snapshotOf } from '../validate/snapshot.testing.ts';
import { createTlsProbe } from './tls.ts';

const VERSION: Version = `sha256:${'ab'.repeat(32)}`;
const NEVER = new AbortController().signal;

const root = await issue({ name: 'root', ca: true });
const upper = await issue({ name: 'upper', ca: true, by: root });
const lower = await issue({ name: 'lower', ca: true, by: upper });
const stale = await issue({ name: 'lower', ca: true, by: upper });
const old = await issue({ name: 'web', by: lower, to: '2026-12-01T00:00:00Z' });
const renewed = await issue({ name: 'web', by: lower, hosts: ['*.example', 'web.example'] });
const rsa = await issue({ name: 'web', keys: generateKeyPairSync('rsa', { modulusLength: 2048 }) });

function pemsOf(...issued: readonly Issued[]): string {
  return issued.map(({ certificate }) => certificate).join('');
}

function derOf({ certificate }: Issued): Buffer {
  return Buffer.from(new X509Certificate(certificate).raw);
}

function pemOf(der: Buffer): string {
  return `-----BEGIN CERTIFICATE-----\n${der.toString('base64')}\n-----END CERTIFICATE-----\n`;
}

function identityOf(own: Issued, ...others: readonly Issued[]): TlsOptions {
  return { key: own.key, cert: pemsOf(own, ...others) };
}

/** A server that listens for as long as the test lasts. */
async function listen<Served extends Server>(t: TestContext, server: Served) {
  await listening(t, server);
  return { server, host: '127.0.0.1', port: (server.address() as AddressInfo).port };
}

/** A server that reads what it gets, and does not fail with its clients. */
function serveTls(t: TestContext, options: TlsOptions) {
  const server = tls.createServer(options, (socket) => socket.on('error', () => {}).resume());
  return listen(t, server);
}

/** A server that speaks no TLS by itself. */
function serveRaw(t: TestContext, serve: (socket: net.Socket) => void) {
  return listen(
    t,
    net.createServer({ allowHalfOpen: true }, (socket) => {
      socket.on('error', () => {});
      serve(socket);
    }),
  );
}

type Asked = Partial<TlsProbeSettings> & {
  readonly host: string;
  readonly port: number;
  readonly sealed?: boolean;
  readonly signal?: AbortSignal;
};

/** What a probe reports about a server that should serve the chain in tls.crt. */
async function says(text: string, asked: Asked): Promise<string> {
  const { said } = await observe(snapshotOf(fileOf('tls.crt', text)), asked);
  return said;
}

async function observe(snapshot: Snapshot | undefined, asked: Asked) {
  const { host, port, serverName, startTls, sealed = false, signal = NEVER, ...more } = asked;
  const settings = { file: 'tls.crt', timeoutMs: 60_000, ...more, host, port };
  const probe = createTlsProbe({ ...settings, serverName, startTls }, { sealed });
  const seen = await probe.observe({ rollout: '01J', version: VERSION, snapshot, signal });
  const said =
    seen.type === 'good'
      ? ['good', ...(seen.findings ?? []).map(formatFinding)].join(' ')
      : `${seen.type}: ${seen.reason}`;
  return { seen, said: said.replace(`${host}:${port}`, 'ADDRESS') };
}

for (const version of ['TLSv1', 'TLSv1.2', 'TLSv1.3'] as const)
  test(`the served certificate must be that in the file: ${version}`, async (t) => {
    const only = { minVersion: version, maxVersion: version, ciphers: 'DEFAULT:@SECLEVEL=0' };
    const { server, ...at } = await serveTls(t, { ...only, ...identityOf(old) });
    assert.equal(await says(pemsOf(old), at), 'good');
    assert.match(
      await says(pemsOf(renewed), at),
      /^bad: ADDRESS does not serve the certificate in tls\.crt: it serves "web", valid from 2026-01-01 00:00 UTC to 2026-12-01 00:00 UTC, serial 01, SHA-256 (?:[0-9A-F]{2}:){7}[0-9A-F]{2}…; the file has "web", valid from 2026-01-01 00:00 UTC to 2027-01-01 00:00 UTC, serial 01, SHA-256 /,
    );
    // With tickets for sessions, in which a server of TLS 1.2 presents no certificate.
    server.setSecureContext(identityOf(renewed));
    assert.equal(await says(pemsOf(renewed), at), 'good');
  });

test('of a certificate with an unreadable time or an endless serial number, the reason says what it can', async (t) => {
  const at = await serveTls(t, identityOf(old));
  const der = derOf(renewed);
  der.write('279901000000Z', der.indexOf('270101000000Z'));
  assert.match(
    await says(pemOf(der), at),
    /^bad: .*; the file has "web", valid from 2026-01-01 00:00 UTC to an unreadable time, serial 01, /,
  );
  const long = await issue({ name: 'web', serial: new Uint8Array(20_000).fill(0x7a) });
  assert.match(
    await says(pemsOf(long), at),
    /; the file has "web", .*, serial (?:7A){20}…, SHA-256 /,
  );
});

test('P8: of a secret bundle only the time of a certificate is shown', async (t) => {
  const at = await serveTls(t, identityOf(old));
  assert.equal(
    await says(pemsOf(renewed), { ...at, sealed: true }),
    'bad: ADDRESS does not serve the certificate in tls.crt: it serves one valid from 2026-01-01 00:00 UTC to 2026-12-01 00:00 UTC; the file has one valid from 2026-01-01 00:00 UTC to 2027-01-01 00:00 UTC',
  );
});

test('a version without the certificate is bad for good', async (t) => {
  const at = await serveTls(t, identityOf(old));
  const bad = {
    type: 'bad',
    reason: 'this version has no certificate in tls.crt',
    isFinal: true,
  };
  for (const files of [[], [fileOf('tls.crt', old.key)], [fileOf('tls.crt', 'hunter2')]])
    assert.deepEqual((await observe(snapshotOf(...files), at)).seen, bad);
});

test('the name in the certificate, or in the settings, selects one of several', async (t) => {
  const names: string[] = [];
  const at = await serveTls(t, {
    ...identityOf(old),
    SNICallback: (name, done) => {
      names.push(name);
      done(null, name === 'web.example' ? tls.createSecureContext(identityOf(renewed)) : undefined);
    },
  });
  assert.equal(await says(pemsOf(renewed), at), 'good');
  assert.equal(await says(pemsOf(old), { ...at, serverName: 'old.example' }), 'good');
  const other = await says(pemsOf(renewed), { ...at, serverName: 'other.example' });
  assert.match(
    other,
    /^bad: ADDRESS \(other\.example\) does not serve the certificate in tls\.crt/,
  );
  assert.deepEqual(names, ['web.example', 'old.example', 'other.example']);
});

for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const)
  test(`a server that requires a certificate of its clients has shown its own by then: ${maxVersion}`, async (t) => {
    const requires = { requestCert: true, rejectUnauthorized: true, ca: root.certificate };
    const at = await serveTls(t, { ...identityOf(old), ...requires, maxVersion });
    assert.equal(await says(pemsOf(old), at), 'good');
    assert.match(await says(pemsOf(renewed), at), /^bad: ADDRESS does not serve/);
  });

test('so has one that resets the connection for want of that certificate', async (t) => {
  const secure = await serveTls(t, { ...identityOf(old), maxVersion: 'TLSv1.2' });
  const at = await serveRaw(t, (socket) => {
    const inner = net.connect(secure.port, secure.host);
    inner.pipe(socket);
    // Of the client's two flights, the second has its certificate.
    socket.once('data', (hello) => {
      inner.write(hello);
      socket.once('data', () => socket.resetAndDestroy());
    });
    socket.once('close', () => inner.destroy());
  });
  assert.equal(await says(pemsOf(old), at), 'good');
});

test('of certificates with several kinds of keys, the one in the file counts', async (t) => {
  for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
    const both = { key: [renewed.key, rsa.key], cert: [renewed.certificate, rsa.certificate] };
    const at = await serveTls(t, { ...both, maxVersion });
    assert.equal(await says(pemsOf(rsa), at), 'good');
    assert.equal(await says(pemsOf(renewed), at), 'good');
    const one = await serveTls(t, { ...identityOf(old), maxVersion });
    assert.match(await says(pemsOf(rsa), one), /does not serve .* it serves "web", .* 2026-12-01/);
  }
});

test('intermediate certificates that the server does not send are a warning, wrong ones a failure', async (t) => {
  const warning =
    'good ADDRESS does not send every intermediate certificate in tls.crt: clients without a copy cannot verify its certificate [LG_CONFIRM_CHAIN]';
  const all = pemsOf(renewed, lower, upper, root);
  const said = async (...sent: readonly Issued[]) =>
    says(all, await serveTls(t, identityOf(renewed, ...sent)));
  assert.equal(await said(lower, upper), 'good', 'a client has its own copy of the root');
  assert.equal(await said(upper, root, lower), 'good', 'in any order');
  assert.equal(await said(), warning);
  assert.equal(await said(lower), warning);
  assert.equal(await said(root), warning, 'a root is not an intermediate certificate');
  assert.match(
    await said(stale, upper),
    /^bad: ADDRESS serves the certificate in tls\.crt, but with intermediate certificates that are not its issuer/,
  );
  const more = await serveTls(t, identityOf(renewed, lower, upper));
  assert.equal(await says(pemsOf(renewed), more), 'good', 'a server may know more than the file');
});

test('a server that is not there is absent', async () => {
  const at = { host: '127.0.0.1', port: await freePort() };
  assert.equal(await says(pemsOf(old), at), 'absent: ADDRESS: ECONNREFUSED');
  // On a host without IPv6 with another reason.
  assert.match(await says(pemsOf(old), { ...at, host: '::1' }), /^\w+: \[::1\]:\d+: E/);
});

test('a server that does not shake hands is there, and bad', async (t) => {
  const said = async (serve: (socket: net.Socket) => void, timeoutMs = 60_000) =>
    says(pemsOf(old), { ...(await serveRaw(t, serve)), timeoutMs });
  assert.equal(await said(() => {}, 50), 'bad: ADDRESS: no response within 50 ms');
  assert.equal(
    await said((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')),
    'bad: ADDRESS: the app does not speak TLS on this port',
  );
  for (const serve of [
    (socket: net.Socket) => socket.end(),
    (socket: net.Socket) => socket.once('data', () => socket.destroy()),
    (socket: net.Socket) => socket.once('data', () => socket.resetAndDestroy()),
  ])
    assert.equal(
      await said(serve),
      'bad: ADDRESS: the server closed the connection during the TLS handshake',
    );
  // The beginning of a ServerHello, and no more.
  const cut = Buffer.from('160303007a0200007603', 'hex');
  assert.equal(
    await said((socket) => socket.write(cut), 50),
    'bad: ADDRESS: no response within 50 ms',
  );
});

test('P6: the end of a probation ends a handshake', async (t) => {
  const over = new AbortController();
  const at = await serveRaw(t, () => over.abort(new Error('superseded')));
  assert.equal(await says(pemsOf(old), { ...at, signal: over.signal }), 'bad: ADDRESS: aborted');
  assert.equal(await says(pemsOf(old), { ...at, signal: over.signal }), 'bad: ADDRESS: aborted');
});

test('a probe takes leave of the server, and does not wait for one that stays', async (t) => {
  const at = await serveTls(t, { ...identityOf(old), allowHalfOpen: true } as TlsOptions);
  const errors: unknown[] = [];
  at.server.on('tlsClientError', (error) => errors.push(error));
  const ended = new Promise<void>((resolve) => {
    at.server.on('secureConnection', (socket) => {
      socket.on('error', (error) => errors.push(error));
      socket.on('end', resolve);
    });
  });
  assert.equal(await says(pemsOf(old), at), 'good');
  await ended;
  assert.deepEqual(errors, []);
});

test('PostgreSQL starts TLS on request', async (t) => {
  const secure = await serveTls(t, identityOf(old));
  const asked: string[] = [];
  const said = async (answer: (socket: net.Socket) => void) => {
    const at = await serveRaw(t, (socket) =>
      socket.once('data', (data) => {
        asked.push(data.toString('hex'));
        answer(socket);
      }),
    );
    return says(pemsOf(old), { ...at, startTls: 'postgres' });
  };
  const willing = (socket: net.Socket) => {
    const inner = net.connect(secure.port, secure.host);
    socket.write('S');
    socket.pipe(inner).pipe(socket);
  };
  assert.equal(await said(willing), 'good');
  assert.equal(
    await said((socket) => socket.end('N')),
    'bad: ADDRESS: the server does not offer TLS',
  );
  for (const other of ['E\0\0\0\x0cSFATAL\0', ''])
    assert.equal(
      await said((socket) => socket.end(other)),
      'bad: ADDRESS: the server does not answer as PostgreSQL does',
    );
  assert.match(await said((socket) => socket.resetAndDestroy()), /^bad: ADDRESS: ECONNRESET/);
  assert.deepEqual([...new Set(asked)], ['0000000804d2162f']);
});
