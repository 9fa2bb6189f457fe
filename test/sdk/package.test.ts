import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  globSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { DEADLINE_MS } from '../deadline.ts';
import { installPackage, npm } from './installed.ts';
import { faultOf, OLDER_NODES, programOf } from './nodes.ts';

const ROOT = join(import.meta.dirname, '../..');

/** Of all that `npm install` writes. */
const MAX_INSTALLED_KIB = 1024;

let dir = '';
let app = '';
let installed = '';

before(async () => {
  dir = await installPackage();
  app = join(dir, 'app');
  installed = join(app, 'node_modules/@lastgood/sdk');
});
after(() => rmSync(dir, { recursive: true, force: true }));

function filesOf(pattern: string): string[] {
  return globSync(pattern, { cwd: installed }).filter((path) =>
    statSync(join(installed, path)).isFile(),
  );
}

test('npm installs one package, without dependencies', () => {
  const { dependencies } = JSON.parse(npm(app, 'ls', '--all', '--json'));
  assert.deepEqual(Object.keys(dependencies), ['@lastgood/sdk']);
  assert.equal(dependencies['@lastgood/sdk'].dependencies, undefined);
  const sizes = filesOf('**').map((path) => statSync(join(installed, path)).size);
  const kib = sizes.reduce((sum, size) => sum + size, 0) / 1024;
  assert.ok(kib < MAX_INSTALLED_KIB, `${kib} KiB`);
});

test('the package has only what is built, with the licenses of what is inside', () => {
  const odd = filesOf('**').filter((path) => !/\.js$|\.d\.ts$/.test(path));
  assert.deepEqual(odd.sort(), [
    'LICENSE',
    'README.md',
    'THIRD-PARTY-LICENSES.txt',
    'package.json',
  ]);
  const licenses = readFileSync(join(installed, 'THIRD-PARTY-LICENSES.txt'), 'utf8');
  const inside = ['js-yaml', 'json5', 'jsonc-parser', 'smol-toml', '@standard-schema/spec'];
  for (const name of inside) assert.match(licenses, new RegExp(`^${name} [\\d.]+ \\(`, 'm'));
});

const IMPORT = /^(?:import|export)\b[^'"]*\bfrom ["'](.+?)["']|\bimport\(["'](.+?)["']\)/gm;

test('the package imports nothing but modules of Node.js', () => {
  for (const path of filesOf('**/*.{js,d.ts}'))
    for (const [, name = '', lazy = ''] of readFileSync(join(installed, path), 'utf8').matchAll(
      IMPORT,
    ))
      assert.match(name || lazy, /^(?:node:|\.\.?\/)/, path);
});

for (const node of [...OLDER_NODES, 'this'] as const) {
  const fault = node === 'this' ? undefined : faultOf(node);
  const skip = fault !== undefined && !process.env.CI ? fault : false;
  test(`an app runs on Node.js ${node === 'this' ? process.versions.node : node}`, { skip }, () => {
    copyFileSync(join(import.meta.dirname, 'app.fixture.mjs'), join(app, 'app.mjs'));
    const program = node === 'this' ? process.execPath : programOf(node);
    const options = { cwd: app, encoding: 'utf8', timeout: DEADLINE_MS } as const;
    const { stdout, stderr } = spawnSync(program, ['app.mjs'], options);
    assert.deepEqual([stdout, stderr], ['done\n', '']);
  });
}

test('an app in TypeScript gets the types of zod, valibot and arktype', () => {
  copyFileSync(join(import.meta.dirname, 'types.fixture.ts'), join(app, 'types.mts'));
  for (const name of ['zod', 'valibot', 'arktype', '@ark', 'arkregex', '@types', 'undici-types']) {
    const link = join(app, 'node_modules', name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules', name), link);
  }
  // An older target than the package's own, whose library is complete only with the types of Node.js.
  const options = ['--target', 'es2022', '--module', 'nodenext', '--types', 'node', '--noEmit'];
  const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
  const args = [tsc, '--strict', '--exactOptionalPropertyTypes', ...options, 'types.mts'];
  const { stdout } = spawnSync(process.execPath, args, { cwd: app, encoding: 'utf8' });
  assert.equal(stdout, '');
});
