import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatFinding } from '@lastgood/core/model/finding.ts';
import { load } from './load.ts';

async function loadConfirm(confirm: string, more = '') {
  const text = `bundles:
  - name: model
    volumes:
      - { path: /in, exclude: ["*.key", private] }
      - { path: /tls, at: tls, include: ["*.crt"] }
    confirm:
      tls: ${confirm}
${more}`;
  return load('f', async () => Buffer.from(text));
}

async function findingsIn(confirm: string, more = ''): Promise<readonly string[]> {
  const loaded = await loadConfirm(confirm, more);
  return loaded.ok ? [] : loaded.findings.map(formatFinding);
}

const ADDRESS = 'address: "localhost:8443"';

test('one handshake, or a list of them', async () => {
  const loaded = await loadConfirm(`{ ${ADDRESS}, file: ./tls/tls.crt }`);
  const handshake = {
    host: 'localhost',
    port: 8443,
    file: 'tls/tls.crt',
    serverName: undefined,
    startTls: undefined,
    timeoutMs: 5_000,
  };
  assert.deepEqual(loaded.ok && loaded.settings.bundles[0]?.confirm?.tls, [handshake]);
  const two = await loadConfirm(
    `[{ ${ADDRESS}, file: a.crt }, { address: "[::1]:443", file: b.crt, serverName: b.example, timeout: 1s }]`,
  );
  assert.deepEqual(two.ok && two.settings.bundles[0]?.confirm?.tls, [
    { ...handshake, file: 'a.crt' },
    {
      ...handshake,
      host: '::1',
      port: 443,
      file: 'b.crt',
      serverName: 'b.example',
      timeoutMs: 1_000,
    },
  ]);
});

const NOT_CAPTURED =
  'must be a file of the bundle: no volume has it there, or `include` or `exclude` leaves it out';

for (const [confirm, ...expected] of [
  ['{ file: a.crt }', 'f:7:12: bundles[0].confirm.tls needs "address"'],
  [`{ ${ADDRESS} }`, 'f:7:12: bundles[0].confirm.tls needs "file"'],
  [
    '{ adress: "localhost:8443", file: a.crt }',
    'f:7:14: unknown key "adress", did you mean "address"?',
  ],
  [
    '{ address: localhost, file: a.crt }',
    'f:7:23: bundles[0].confirm.tls.address must be "host:port" or "[IPv6]:port" (is "localhost")',
  ],
  [
    '{ address: "[1234]:443", file: a.crt }',
    'f:7:23: bundles[0].confirm.tls.address must be "host:port" or "[IPv6]:port" (is "[1234]:443")',
  ],
  [
    '{ address: "localhost:65536", file: a.crt }',
    'f:7:23: bundles[0].confirm.tls.address must have a port from 1 to 65535 (is "localhost:65536")',
  ],
  [
    `{ ${ADDRESS}, file: a.crt, startTls: smtp }`,
    'f:7:64: bundles[0].confirm.tls.startTls must be postgres (is "smtp")',
  ],
  [
    `{ ${ADDRESS}, file: a.crt, serverName: "*.example" }`,
    'f:7:66: bundles[0].confirm.tls.serverName must be the name of a host, without wildcard and port (is "*.example")',
  ],
  [
    `{ ${ADDRESS}, file: a.crt, serverName: 10.0.0.1 }`,
    'f:7:66: bundles[0].confirm.tls.serverName must be a name; an IP address is never a server name (is "10.0.0.1")',
  ],
  [`{ ${ADDRESS}, file: tls.key }`, `f:7:47: bundles[0].confirm.tls.file ${NOT_CAPTURED}`],
  [`{ ${ADDRESS}, file: private/a.crt }`, `f:7:47: bundles[0].confirm.tls.file ${NOT_CAPTURED}`],
  [
    `[{ ${ADDRESS}, file: a.crt }, { ${ADDRESS}, file: /a.crt }, { ${ADDRESS}, file: a.key }]`,
    'f:7:92: bundles[0].confirm.tls[1].file must be a relative path without parts that start with ".." (is "/a.crt")',
  ],
  [
    `[{ ${ADDRESS}, file: a.crt }, { ${ADDRESS}, file: b.key }]`,
    `f:7:92: bundles[0].confirm.tls[1].file ${NOT_CAPTURED}`,
  ],
  ['[]', 'f:7:12: bundles[0].confirm.tls must have at least one entry'],
] as const)
  test(`a mistake is reported at its place: ${confirm}`, async () => {
    const found = await findingsIn(confirm);
    assert.deepEqual(
      found.map((line) => line.replace(/ \[LG_\w+\]$/, '')),
      expected,
    );
  });

test('a file of a volume that has others by that name only elsewhere is a mistake', async () => {
  const volumes = '  - name: other\n    volumes: [{ path: /a, at: a }]\n';
  const confirm = `    confirm: { tls: { ${ADDRESS}, file: a.crt } }\n`;
  const [found = '', ...more] = await findingsIn(
    `{ ${ADDRESS}, file: a.crt }`,
    `${volumes}${confirm}`,
  );
  assert.match(found, /^f:10:\d+: bundles\[1\]\.confirm\.tls\.file must be a file of the bundle/);
  assert.deepEqual(more, []);
});

test('with reloadOn: swap there is no file to compare with', async () => {
  const found = await findingsIn(`{ ${ADDRESS}, file: a.crt }`, '    reloadOn: swap\n');
  assert.match(
    found.join('\n'),
    /^f:7:12: bundles\[0\]\.confirm\.tls cannot be combined with reloadOn: swap, which reads no files/,
  );
});
