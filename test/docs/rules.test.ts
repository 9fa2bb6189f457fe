import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { compileRule } from '../../sidecar/src/checks/cel/rules.ts';

const DOCS = readFileSync(new URL('../../docs/rules.md', import.meta.url), 'utf8');

/** The second column of the table, and what follows `rule:` in YAML. */
function rulesIn(text: string): readonly string[] {
  const inTable = [...text.matchAll(/^\| [^|`]+ \| `(.+)` \|$/gm)];
  const inYaml = [...text.matchAll(/^ *- rule: (.+)$/gm)];
  return [...inTable, ...inYaml].map(([, rule = '']) => rule.replaceAll('\\|', '|'));
}

test('every rule that the docs show can be used', () => {
  const rules = rulesIn(DOCS);
  assert.ok(rules.length > 10, `only ${rules.length} rules found`);
  for (const rule of rules)
    compileRule({ rule, message: undefined, namedAt: { file: 'docs/rules.md' }, verbatim: true });
});
