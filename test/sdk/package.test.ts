import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  copyFileSync,
  existsSync,
  globSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import { ENTRIES } from '../../sdk/build/manifest.ts';
import { StandIn } from '../../sdk/src/socket/stand-in.testing.ts';
import { DEADLINE_MS } from '../deadline.ts';
import { readDeclared, readEntry } from '../docs/declarations.ts';
import { installPackage, npm } from './installed.ts';
import { faultOf, OLDER_NODES, programOf, TOO_OLD_NODE } from './nodes.ts';

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
  // npm lists optional peers, empty, though they are not there.
  const libraries = Object.values(dependencies['@lastgood/sdk'].dependencies ?? {});
  assert.deepEqual(new Set(libraries.map((library) => JSON.stringify(library))), new Set(['{}']));
  const sizes = filesOf('**').map((path) => statSync(join(installed, path)).size);
  const kib = sizes.reduce((sum, size) => sum + size, 0) / 1024;
  assert.ok(kib < MAX_INSTALLED_KIB, `${kib} KiB`);
});

test('the package has only what is built, with the licenses of what is inside', () => {
  const odd = filesOf('**').filter((path) => !/\.c?js$|\.d\.ts$/.test(path));
  assert.deepEqual(odd.sort(), [
    'LICENSE',
    'README.md',
    'THIRD-PARTY-LICENSES.txt',
    'package.json',
  ]);
  const licenses = readFileSync(join(installed, 'THIRD-PARTY-LICENSES.txt'), 'utf8');
  const inside = [
    'eventsource-parser',
    'js-yaml',
    'json5',
    'jsonc-parser',
    'smol-toml',
    '@standard-schema/spec',
  ];
  for (const name of inside) assert.match(licenses, new RegExp(`^${name} [\\d.]+ \\(`, 'm'));
});

const IMPORT = /^(?:import|export)\b[^'";]*\bfrom ["'](.+?)["']|\bimport\(["'](.+?)["']\)/gm;

/** What each of these folders may import. Nothing else imports a library. */
const PEERS: Readonly<Record<string, string>> = {
  fastify: 'fastify',
  openfeature: '@openfeature/.*',
};

test('the package imports modules of Node.js, and a library only in its own entry', () => {
  for (const path of filesOf('**/*.{js,d.ts}')) {
    const peer = PEERS[basename(dirname(path))] ?? '(?!)';
    for (const [, name = '', lazy = ''] of readFileSync(join(installed, path), 'utf8').matchAll(
      IMPORT,
    ))
      assert.match(name || lazy, new RegExp(`^(?:node:|\\.\\.?/|${peer}$)`), path);
  }
});

test('importing the package loads no more of Node.js', () => {
  writeFileSync(join(app, 'import.mjs'), IMPORT_PROGRAM);
  const { stdout } = spawnSync(process.execPath, ['import.mjs'], { cwd: app, encoding: 'utf8' });
  assert.equal(stdout, '[]');
});

const IMPORT_PROGRAM = `
const known = new Set(process.moduleLoadList);
await import('@lastgood/sdk');
const loaded = process.moduleLoadList.filter((name) => !known.has(name));
process.stdout.write(JSON.stringify(loaded));
`;

for (const node of [...OLDER_NODES, 'this'] as const) {
  const fault = node === 'this' ? undefined : faultOf(node);
  const skip = fault !== undefined && !process.env.CI ? fault : false;
  test(`an app runs on Node.js ${node === 'this' ? process.versions.node : node}`, { skip }, () => {
    copyFileSync(join(import.meta.dirname, 'app.fixture.mjs'), join(app, 'app.mjs'));
    const options = { cwd: app, encoding: 'utf8', timeout: DEADLINE_MS } as const;
    const { stdout, stderr } = spawnSync(programOf(node), ['app.mjs'], options);
    assert.deepEqual([stdout, stderr], ['done\n', '']);
  });
}

/** By how it is loaded: what a Node.js prints that is too old for that. */
const TOO_OLD = [
  [
    'import',
    TOO_OLD_NODE,
    `@lastgood/sdk needs Node.js 22.3 or newer, and this is v${TOO_OLD_NODE}`,
  ],
  ...([TOO_OLD_NODE, '22.3.0'] as const).map(
    (node) =>
      [
        'require',
        node,
        `@lastgood/sdk needs Node.js 22.3 or newer for import, and 22.12 for require(); this is v${node}`,
      ] as const,
  ),
] as const;

for (const [how, node, sentence] of TOO_OLD) {
  const fault = faultOf(node);
  const skip = fault !== undefined && !process.env.CI ? fault : false;
  test(`${how} on Node.js ${node} says which version it needs`, { skip }, () => {
    for (const [path] of ENTRIES) {
      // Its libraries are not installed here, and may refuse the version first.
      if (path === './openfeature') continue;
      const name = path.replace('.', '@lastgood/sdk');
      const file = how === 'import' ? 'too-old.mjs' : 'too-old.cjs';
      writeFileSync(join(app, file), how === 'import' ? `import '${name}'` : `require('${name}')`);
      const options = { cwd: app, encoding: 'utf8', timeout: DEADLINE_MS } as const;
      const { status, stderr } = spawnSync(programOf(node), [file], options);
      assert.equal(status, 1);
      assert.ok(stderr.includes(sentence), stderr);
      assert.doesNotMatch(stderr, /^ {4}at /m, 'no stack');
    }
  });
}

test('require() gives what import does', () => {
  writeFileSync(join(app, 'both.mjs'), REQUIRE_PROGRAM);
  const options = { cwd: app, encoding: 'utf8', timeout: DEADLINE_MS } as const;
  const { stdout, stderr } = spawnSync(process.execPath, ['both.mjs'], options);
  assert.deepEqual([stdout, stderr], ['true\n', '']);
});

const REQUIRE_PROGRAM = `
import { createRequire } from 'node:module';
import * as imported from '@lastgood/sdk';
const required = createRequire(import.meta.url)('@lastgood/sdk');
console.log(required.connect === imported.connect && required.Secret === imported.Secret);
`;

for (const node of [...OLDER_NODES, 'this'] as const) {
  const fault = node === 'this' ? undefined : faultOf(node);
  const skip = fault !== undefined && !process.env.CI ? fault : false;
  const name = node === 'this' ? process.versions.node : node;
  test(`an app follows a sidecar on Node.js ${name}`, { skip }, async (t) => {
    const sidecar = await StandIn.listen(t, { 'a.yaml': 'n: 1' });
    copyFileSync(join(import.meta.dirname, 'socket-app.fixture.mjs'), join(app, 'socket-app.mjs'));
    const child = spawn(programOf(node), ['socket-app.mjs'], {
      cwd: app,
      env: { ...process.env, LASTGOOD_SOCKET: sidecar.socket },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    t.after(() => child.kill('SIGKILL'));
    const [printed, exited] = [text(child.stdout), once(child, 'exit')];
    await sidecar.untilAck('start', 'accept');
    await sidecar.roll('r1', { 'a.yaml': 'n: 2' });
    sidecar.prepare('r2', { 'a.yaml': 'n: 10' });
    await sidecar.untilAck('prepare', 'reject', 'r2');
    sidecar.cut();
    await sidecar.untilStreams(2);
    await sidecar.roll('r3', { 'a.yaml': 'n: 3' });
    assert.deepEqual([await printed, await exited], ['2\n3\n', [0, null]]);
  });
}

test('an app in TypeScript gets the types of zod, valibot and arktype', () => {
  copyFileSync(join(import.meta.dirname, 'types.fixture.ts'), join(app, 'types.mts'));
  linkLibraries(['zod', 'valibot', '@valibot', 'arktype', '@ark', 'arkregex']);
  assert.equal(compile('types.mts'), '');
});

test('TypeScript that does not read `exports` finds the same types', () => {
  const { exports, types, typesVersions } = readManifest();
  const { '.': main, './package.json': _, ...others } = exports;
  assert.equal(types, main.types);
  const found = Object.entries(typesVersions['*']).map(([name, paths]) => [`./${name}`, paths]);
  assert.deepEqual(
    found,
    Object.entries(others).map(([name, entry]) => [name, [entry.types]]),
  );
});

function readManifest() {
  return JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')) as {
    readonly exports: Record<string, { readonly types: string }> & {
      readonly '.': { readonly types: string };
    };
    readonly types: string;
    readonly typesVersions: { readonly '*': Record<string, readonly string[]> };
  };
}

test('the examples of the docstrings compile', () => {
  const examples = ENTRIES.flatMap(([, source]) => examplesOf(source.replace(/\.ts$/, '.d.ts')));
  assert.ok(examples.length > 5);
  mkdirSync(join(app, 'examples'));
  const files = examples.map((example, index) => {
    const file = `examples/${index}.mts`;
    const code = example.replaceAll(/^```.*$/gm, '');
    writeFileSync(join(app, file), code.includes('import ') ? code : `${EXAMPLE_START}${code}`);
    return file;
  });
  linkLibraries(['zod', 'fastify', '@openfeature']);
  assert.equal(compile('--skipLibCheck', ...files), '');
});

/** The start of the examples that import nothing: docs/api/sdk.md refers to the one of `connect`. */
const EXAMPLE_START = `
import type { Config } from '@lastgood/sdk';
import { z } from 'zod';
declare const config: Config<{ model: string; batch_size: number }>;
`;

/** In the docstrings of what an entry exports. */
function examplesOf(declarations: string): readonly string[] {
  const entry = join(installed, 'types/sdk', declarations);
  const declared = readEntry(entry).names.map((name) => readDeclared(entry, name, () => false));
  const docs = declared.flatMap(({ doc, members }) => [doc, ...members.map((each) => each.doc)]);
  return docs.flatMap((doc) => doc?.examples ?? []);
}

test('app.config of fastify has the type that docs/sdk-integrations.md declares', () => {
  const page = readFileSync(join(ROOT, 'docs/sdk-integrations.md'), 'utf8');
  const [, declaration = ''] = /^```ts\n([\s\S]*?)^```$/m.exec(page) ?? [];
  writeFileSync(join(app, 'app.d.ts'), declaration);
  writeFileSync(join(app, 'plugin.mts'), PLUGIN_PROGRAM);
  linkLibraries(['fastify', '@openfeature']);
  // The types of OpenFeature do not compile with each version of those of Node.js.
  assert.equal(compile('--skipLibCheck', 'app.d.ts', 'plugin.mts'), '');
});

const PLUGIN_PROGRAM = `
import { connect } from '@lastgood/sdk';
import { lastgoodPlugin } from '@lastgood/sdk/fastify';
import { LastgoodProvider } from '@lastgood/sdk/openfeature';
import { OpenFeature } from '@openfeature/server-sdk';
import { fastify } from 'fastify';

const config = await connect();
const app = fastify();
await app.register(lastgoodPlugin, { config, reload: { path: '/admin/reload' } });
app.config.current.batch_size satisfies number;
// @ts-expect-error a text is not a number
app.config.current.log_level satisfies number;
await OpenFeature.setProviderAndWait(new LastgoodProvider(config, { file: 'flags.json' }));
`;

function linkLibraries(names: readonly string[]): void {
  for (const name of [...names, '@types', 'undici-types']) {
    const link = join(app, 'node_modules', name);
    mkdirSync(dirname(link), { recursive: true });
    if (!existsSync(link)) symlinkSync(join(ROOT, 'node_modules', name), link);
  }
}

/** What tsc reports. */
function compile(...files: readonly string[]): string {
  // An older target than the package's own, whose library is complete only with the types of Node.js.
  const options = ['--target', 'es2022', '--module', 'nodenext', '--types', 'node', '--noEmit'];
  const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
  const args = [tsc, '--strict', '--exactOptionalPropertyTypes', ...options, ...files];
  return spawnSync(process.execPath, args, { cwd: app, encoding: 'utf8' }).stdout;
}
