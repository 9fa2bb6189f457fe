import assert from 'node:assert/strict';
import { test } from 'node:test';
import { schemaFlagOf } from './schema-flag.ts';

test('a path that starts with /, ./ or ../ is a file, even with a =', () => {
  for (const file of ['/s/a=b.json', './a=b.json', '../a=b/c.json', '/s.json', 's.json', 'd/s.mjs'])
    assert.deepEqual(schemaFlagOf(file), { glob: undefined, value: file });
});

test('anything else is split at its first =', () => {
  assert.deepEqual(schemaFlagOf('*.yaml=/s.json'), { glob: '*.yaml', value: '/s.json' });
  assert.deepEqual(schemaFlagOf('**/a.yaml=b=c.json'), { glob: '**/a.yaml', value: 'b=c.json' });
  assert.deepEqual(schemaFlagOf('.hidden=s.json'), { glob: '.hidden', value: 's.json' });
  assert.deepEqual(schemaFlagOf('=s.json'), { glob: '', value: 's.json' });
});

test('P8: a URL is not split, so no half of it is shown as a path', () => {
  const file = 'https://user:canary@host/s.json?token=canary';
  assert.deepEqual(schemaFlagOf(file), { glob: undefined, value: file });
});
