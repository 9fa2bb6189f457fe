import assert from 'node:assert/strict';
import { cpSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { buildActionlint } from '../../tools/workflows/actionlint.ts';
import { lintActions, lintForms, lintWorkflows } from '../../tools/workflows/lint.ts';

const ROOT = join(import.meta.dirname, '../..');
const CI = '.github/workflows/ci.yml';
const BUG = '.github/ISSUE_TEMPLATE/bug.yml';
const CONFIG = '.github/ISSUE_TEMPLATE/config.yml';
const DEPENDABOT = '.github/dependabot.yml';

const FAULT = buildActionlint();
/** In CI a skip would hide a missing check. */
const skip = FAULT !== undefined && !process.env.CI ? FAULT : false;

/** A copy of `.github` in which the first match of one text is replaced. */
function plant(t: TestContext, path: string, from: string | RegExp, to: string): string {
  const root = mkdtempSync(join(tmpdir(), 'lastgood-workflows-'));
  t.after(() => rmSync(root, { recursive: true }));
  cpSync(join(ROOT, '.github'), join(root, '.github'), { recursive: true });
  const before = readFileSync(join(root, path), 'utf8');
  const after = before.replace(from, to);
  assert.notEqual(after, before, `${path} has no ${from}`);
  writeFileSync(join(root, path), after);
  return root;
}

test('actionlint finds no mistake in the workflows', { skip }, () => {
  assert.deepEqual(lintWorkflows(ROOT), []);
});

test('actionlint finds a mistake and says where it is', { skip }, (t) => {
  const [first = '', ...others] = lintWorkflows(plant(t, CI, 'matrix.node', 'matrix.nodes'));
  assert.match(first, /^\.github\/workflows\/ci\.yml:\d+:\d+: property "nodes" is not defined/);
  assert.deepEqual(others, []);
});

test('every action is pinned by its full commit, with its version behind it', () => {
  assert.deepEqual(lintActions(ROOT), []);
});

for (const [name, from, to] of [
  ['a tag instead of a commit', /@[0-9a-f]{40} # v.*/, '@v7'],
  ['a short commit', /@([0-9a-f]{7})[0-9a-f]{33}/, '@$1'],
  ['a commit without its version', / # v\d.*/, ''],
] as const)
  test(`${name} is not a pin`, (t) => {
    const [first = '', ...others] = lintActions(plant(t, CI, from, to));
    assert.match(first, /^\.github\/workflows\/ci\.yml:\d+: pin actions\/checkout/);
    assert.deepEqual(others, []);
  });

test('the issue forms and the settings of Dependabot have the keys that GitHub knows', () => {
  assert.deepEqual(lintForms(ROOT), []);
});

test('Dependabot has every module of Go', () => {
  const written = readFileSync(join(ROOT, DEPENDABOT), 'utf8');
  const modules = globSync('{test,tools}/**/go.mod', {
    cwd: ROOT,
    exclude: (path) => path.includes('node_modules'),
  });
  assert.ok(modules.length > 0);
  for (const path of modules) assert.match(written, new RegExp(` /${dirname(path)}$`, 'm'));
});

for (const [path, from, to, mistake] of [
  [BUG, 'description: lastgood', 'descripton: lastgood', ': /description: Invalid input'],
  [BUG, 'type: input', 'type: text', ': /body/2/type: Invalid discriminator value'],
  [BUG, 'id: version', 'id: problem', ': /body: has an id twice'],
  [BUG, 'label: Version', 'label: Settings', ': /body: has a label twice'],
  [CONFIG, 'blank_issues_enabled', 'blank_issues', ': /blank_issues_enabled: Invalid input'],
  [DEPENDABOT, 'interval: weekly', 'interval: often', ': /updates/0/schedule/interval: Invalid'],
  [DEPENDABOT, 'directory: /\n', 'target-branch: main\n', ': /updates/1: Unrecognized key'],
  [
    DEPENDABOT,
    'directories: [/, /examples/inference-server]',
    'vendor: true',
    ': /updates/0: Unrec',
  ],
  [
    DEPENDABOT,
    ' directory: /',
    ' directory: /\n    directories: [/]',
    ': /updates/1: needs either',
  ],
  [DEPENDABOT, 'directory: /', 'directories: []', ': /updates/1/directories: Too small'],
  [DEPENDABOT, 'version: 2', 'version: [2', ': Flow sequence'],
  [DEPENDABOT, 'dependency-type:', 'dependency:', ': /updates/0/groups/dependencies: Unrec'],
] as const)
  test(`${path}: ${JSON.stringify(to)} instead of ${JSON.stringify(from)} is a mistake`, (t) => {
    const [first = ''] = lintForms(plant(t, path, from, to));
    assert.ok(first.startsWith(`${path}${mistake}`), first);
  });
