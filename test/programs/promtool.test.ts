import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changed, saidBy, skip } from './programs.ts';

const GOOD = `global:
  scrape_interval: 15s
rule_files: [rules.yml]
scrape_configs:
  - job_name: app
    static_configs:
      - targets: ["localhost:9090"]
`;
const RULES = `groups:
  - name: app
    rules:
      - alert: Down
        expr: up == 0
        for: 5m
`;

function saidOf(config: string, rules = RULES): Promise<readonly string[]> {
  const args = ['check', 'config', '{dir}/prometheus.yml'];
  return saidBy('promtool', args, { 'prometheus.yml': config, 'rules.yml': rules });
}

test('promtool accepts a good configuration', { skip }, async () => {
  assert.deepEqual(await saidOf(GOOD), []);
});

const BROKEN: readonly (readonly [what: string, texts: readonly [string, string?], ...string[]])[] =
  [
    [
      'a value that is not YAML',
      [changed(GOOD, 'job_name: app', 'job_name: app: x')],
      'prometheus.yml:5: promtool says: FAILED: parsing YAML file prometheus.yml: yaml: line 5: mapping values are not allowed in this context',
    ],
    [
      'keys that are misspelt, each at its line',
      [changed(changed(GOOD, 'scrape_interval', 'scrape_intervall'), 'job_name', 'jobname')],
      'prometheus.yml:2: promtool says: field scrape_intervall not found in type config.plain',
      'prometheus.yml:5: promtool says: field jobname not found in type config.ScrapeConfig',
    ],
    [
      'a duration that is none, and names no line',
      [changed(GOOD, '15s', '15parsecs')],
      'prometheus.yml: promtool says: FAILED: parsing YAML file prometheus.yml: not a valid duration string: "15parsecs"',
    ],
    [
      'a rule file that is not in the snapshot',
      [changed(GOOD, 'rules.yml', 'rule.yml')],
      'promtool says: FAILED: "rule.yml" does not point to an existing file',
    ],
    [
      'a query that does not parse, in the file of rules',
      [GOOD, changed(RULES, 'up == 0', 'up ==')],
      'rules.yml:5:15: promtool says: group "app", rule 1, "Down": could not parse expression: 1:6: parse error: unexpected end of input',
    ],
  ];

for (const [what, [config, rules], ...expected] of BROKEN)
  test(`promtool rejects ${what}`, { skip }, async () => {
    assert.deepEqual(await saidOf(config, rules), expected);
  });
