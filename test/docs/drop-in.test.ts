import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { LASTGOOD_FLAGS, RELOADER_FLAGS } from '../../sidecar/src/compat/configmap-reload/flags.ts';
import { DIFFERENCES } from '../contract/configmap-reload/differences.ts';

const page = readFileSync(new URL('../../docs/drop-in.md', import.meta.url), 'utf8');

/** The rows of the tables in the section of a reloader, a text each. */
function rowsOf(reloader: string): readonly string[] {
  const [, rest = ''] = page.split(`\n## ${reloader}\n`);
  const [section = ''] = rest.split(/\n## /);
  return section.split('\n').filter((line) => line.startsWith('| '));
}

test('docs/drop-in.md tells every difference from configmap-reload, and no other', () => {
  const rows = rowsOf('configmap-reload');
  const head = rows.indexOf('| | configmap-reload | lastgood |');
  assert.deepEqual(
    rows.slice(head + 2),
    DIFFERENCES.map(({ id, theirs, ours }) => `| ${id} | ${theirs} | ${ours} |`),
  );
});

test('docs/drop-in.md names every flag of configmap-reload with its default, and those we add', () => {
  const rows = rowsOf('configmap-reload');
  for (const [name, flag] of Object.entries({ ...RELOADER_FLAGS, ...LASTGOOD_FLAGS })) {
    const row = rows.find((each) => each.startsWith(`| \`--${name}`));
    assert.ok(row, name);
    if ('default' in flag && name !== 'shape')
      assert.ok(row.includes(`| \`${flag.default}\` |`), row);
  }
});
