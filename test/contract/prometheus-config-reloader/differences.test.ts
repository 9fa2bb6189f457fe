import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  RELOADER_FLAGS,
  SHARED_FLAGS,
} from '../../../sidecar/src/compat/prometheus-config-reloader/flags.ts';
import { DIFFERENCES } from './differences.ts';

const page = readFileSync(join(import.meta.dirname, '../../../docs/drop-in.md'), 'utf8');
const section = page.split(/^## /m).find((part) => part.startsWith('prometheus-config-reloader\n'));

test('docs/drop-in.md has every difference, and no other', () => {
  const rows = (section ?? '').match(/^\|.* \| .* \| .* \|$/gm) ?? [];
  const [head, , ...differences] = rows.slice(
    rows.findIndex((row) => row.includes('| lastgood |')),
  );
  assert.match(head ?? '', /^\| \| prometheus/);
  const expected = DIFFERENCES.map(
    ({ id, original, lastgood }) => `| ${id} | ${original} | ${lastgood} |`,
  );
  assert.deepEqual(differences, expected);
});

test('docs/drop-in.md names every flag with its default', () => {
  const rows = (section ?? '').split('\n').filter((line) => line.startsWith('| `--'));
  for (const [name, flag] of Object.entries({ ...RELOADER_FLAGS, ...SHARED_FLAGS })) {
    if (name === 'help' || name === 'version') continue;
    const row = rows.find((each) => each.startsWith(`| \`--${name}`));
    assert.ok(row, name);
    if ('default' in flag && flag.default !== '')
      assert.ok(row.includes(`| \`${flag.default}\` |`), row);
  }
});
