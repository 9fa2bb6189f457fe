import assert from 'node:assert/strict';
import { test } from 'node:test';
import { check, fileOf, saidOf, schemaFile } from '../../steps/validate/snapshot.testing.ts';

test('a wrong type in every row of a large table is bounded', async (t) => {
  const schema = await schemaFile(t, { items: { type: 'string' } });
  const file = fileOf('config.yaml', '- 1\n'.repeat(50_000));
  const lines = await saidOf(file, [check('config.yaml', { schema })]);
  assert.equal(lines.length, 101);
  assert.equal(lines.at(-1), '49900 more findings are not shown [LG_VALIDATE_TOO_MANY]');
});
