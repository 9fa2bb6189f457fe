/** An app on an older Node.js: everything that a value can be made of, a veto, and a resource. */
import assert from 'node:assert/strict';
import '@lastgood/sdk';
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
assert.equal(config.current['db/password'].reveal(), 'hunter2');
assert.doesNotMatch(JSON.stringify(config.current), /hunter2/);

const yaml = await config.view({ file: 'a.yaml' });
yaml.prepare(({ n }) => {
  if (n > 9) throw new Error('too large');
});
const { verdict, reasons } = await bundle.push({ 'a.yaml': 'n: 10\n' });
assert.deepEqual([verdict, reasons, yaml.current], ['reject', ['too large'], { n: 1 }]);
assert.equal((await bundle.push({ 'a.yaml': 'n: 2\n' })).verdict, 'accept');
assert.deepEqual(yaml.current, { n: 2 });

await assert.rejects(bundle.connect({ file: 'b.yaml' }), { name: 'ConfigError' });
await bundle.close();
process.stdout.write('done\n');
