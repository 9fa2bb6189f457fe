import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { formatFinding } from '@lastgood/core/model/finding.ts';
import { injectText } from './inject-text.ts';
import { type OwnSettings, readOwnSettings } from './own-settings.ts';
import { fixture, inject, OPTIONS, refusals } from './plan.testing.ts';
import { uninjectText } from './uninject-text.ts';

const WEB = fixture('one-container');

/** Writes files, and reads the first. */
async function read(t: TestContext, yaml: string, files: Readonly<Record<string, string>> = {}) {
  const dir = mkdtempSync(join(tmpdir(), 'lastgood-settings-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  for (const [name, text] of Object.entries({ 'own.yaml': yaml, ...files }))
    writeFileSync(join(dir, name), text);
  const settings = await readOwnSettings(join(dir, 'own.yaml'));
  const findings = 'findings' in settings ? settings.findings.map(formatFinding) : [];
  return {
    settings: settings as OwnSettings,
    findings: findings.map((each) => each.replace(dir, '')),
  };
}

test('--settings adds checks and their schemas, and is itself kept by the next run', async (t) => {
  const yaml = `log: { level: debug }
bundles:
  - name: config
    maxSize: 8Mi
    volumes: [{ exclude: ["*.bak"] }]
    validate:
      - { files: "*.yaml", schema: ./web.schema.json }
    targets: [{ webhook: { url: "http://localhost:8080/reload" } }]
    confirm: { http: { url: "http://localhost:8080/health" } }
`;
  const { settings } = await read(t, yaml, { 'web.schema.json': '{}\n' });
  const { bundles, settings: map, notes, text, yaml: written } = inject(WEB, { settings });
  assert.match(written, /^listen: :9533$/m);
  assert.match(written, /^log:\n {2}level: debug$/m);
  assert.deepEqual(bundles[0].volumes, [{ path: '/lastgood/source/config', exclude: ['*.bak'] }]);
  assert.equal(bundles[0].publish, '/lastgood/live/config');
  assert.equal(bundles[0].maxSize, '8Mi');
  assert.equal(map.data['web.schema.json'], '{}\n');
  assert.deepEqual(notes, []);
  assert.equal(inject(text, { settings }).text, text);
  assert.equal(inject(inject(WEB).text, { settings }).text, text);
  assert.equal(uninjectText('m.yaml', text).text, WEB);
});

test('a target of --settings takes the place of a signal that inject would need', async (t) => {
  const { settings } = await read(
    t,
    'bundles: [{ name: config, targets: [{ signal: { process: web } }] }]',
  );
  const { bundles } = inject(WEB, { settings, mode: 'signal' });
  assert.deepEqual(bundles[0].targets, [{ signal: { process: 'web' } }]);
});

test('what lastgood would refuse is refused at its line of the file', async (t) => {
  const { settings } = await read(
    t,
    'bundles:\n  - name: config\n    confirm:\n      hold: soon\n',
  );
  assert.match(
    refusals(WEB, { settings })
      .join()
      .replace(/^.*\/own/, 'own'),
    /^own\.yaml:4:13: .*bundles\[0\]\.confirm\.hold .*LG_INJECT_SETTINGS/,
  );
});

test('a bundle that no workload has is reported', async (t) => {
  const { settings } = await read(t, 'bundles: [{ name: confg, maxSize: 8Mi }]');
  const { unused } = injectText('m.yaml', WEB, { ...OPTIONS, settings });
  assert.deepEqual(unused, ['the bundle confg of --settings']);
});

test('keys that must agree with the pod are refused, and files that are not there', async (t) => {
  const bundle = (keys: string) => `bundles: [{ name: config, ${keys} }]`;
  for (const [yaml, finding] of [
    ['listen: ":1"', /^\/own\.yaml:1:9: .*inject sets listen itself/],
    [bundle('publish: /x'), /:1:36: .*inject sets publish itself/],
    [bundle('volumes: [{ path: /x }]'), /inject sets path itself/],
    [bundle('validate: [{ files: a, schema: ../a.json }]'), /a\.json is in another directory/],
    [
      bundle('validate: [{ files: a, schema: a.json }]'),
      /^\/own\.yaml:1:58: cannot be read: a\.json: ENOENT/,
    ],
    ['5', /has no settings/],
    ['a: [', /LG_SETTINGS_SYNTAX/],
  ] as const)
    assert.match((await read(t, yaml)).findings.join(), finding, yaml);
});
