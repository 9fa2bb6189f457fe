/** An app on an older Node.js: all formats, a veto, a resource, a directory. It ends by itself. */
import assert from 'node:assert/strict';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError, connect, Secret } from '@lastgood/sdk';
import { createTestBundle } from '@lastgood/sdk/testing';

process.on('unhandledRejection', (error) => {
  throw error;
});

const bundle = createTestBundle(
  {
    'a.yaml': 'n: 1 # comment\n',
    'a.json': '{"n": 1}',
    'a.json5': "{n: 1, /* comment */ s: 'x'}",
    'a.toml': 'n = 1\nat = 2026-01-01T00:00:00Z\n',
    'a.ini': '[s]\nn = 1\n',
    'a.properties': 'n = 1\n',
    '.env': 'N=1\n',
    'db/password': 'hunter2',
  },
  { secret: ['db/*'] },
);
const config = await bundle.connect();
assert.equal(Object.keys(config.current).length, 8);
assert.ok(config.current['db/password'] instanceof Secret);
assert.doesNotMatch(JSON.stringify(config.current), /hunter2/);

const yaml = await config.view({ file: 'a.yaml' });
yaml.prepare(({ n }) => {
  if (n > 9) throw new Error('too large');
});
const { verdict, reasons } = await bundle.push({ 'a.yaml': 'n: 10\n' });
assert.deepEqual([verdict, reasons, yaml.current], ['reject', ['too large'], { n: 1 }]);
assert.equal((await bundle.push({ 'a.yaml': 'n: 2\n' })).verdict, 'accept');
assert.deepEqual(yaml.current, { n: 2 });

await assert.rejects(bundle.connect({ file: 'b.yaml' }), ConfigError);
const numbers = await yaml.resource({ select: ({ n }) => n, open: async (n) => ({ n }) });
await bundle.push({ 'a.yaml': 'n: 3\n' });
assert.equal(await numbers.use(({ n }) => n), 3);
assert.equal(await config.run(async () => yaml.current.n), 3);
bundle.expectNoLeases();
await bundle.close();

const directory = await mkdtemp(join(tmpdir(), 'lastgood-app-'));
try {
  await writeFile(join(directory, 'a.toml'), 'n = 1\n');
  const live = await connect({ directory, file: 'a.toml', timeoutMs: 60_000 });
  const changes = live.changes();
  await writeFile(`${directory}.new`, 'n = 2\n');
  await rename(`${directory}.new`, join(directory, 'a.toml'));
  const { value } = await changes.next();
  assert.deepEqual([value.next, value.changed], [{ n: 2 }, ['/n']]);
  await live.close();
} finally {
  await rm(directory, { recursive: true });
}
process.stdout.write('done\n');
