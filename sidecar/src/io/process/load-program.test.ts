import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { temporaryDirectory } from '../../../../test/kubelet/temporary-directory.ts';
import { loadProgram } from './load-program.ts';

type Import = (id: string) => Readonly<Record<string, unknown>>;

/** Loads a program of these chunks, in a script of each name. Returns its directory, and what imports a chunk. */
async function load(context: TestContext, scripts: Record<string, Record<string, string>>) {
  const dir = temporaryDirectory(context);
  const scriptOf: Record<string, string> = {};
  for (const [name, chunks] of Object.entries(scripts)) {
    const texts = Object.entries(chunks).map(
      ([id, text]) => `'${id}'(module, exports, require) { ${text} }`,
    );
    const head = '(function (requireBuiltin, __dirname, workerUrl, importModule) { return {';
    writeFileSync(join(dir, `${name}.js`), `${head}${texts.join(',\n')}}})`);
    for (const id of Object.keys(chunks)) scriptOf[id] = name;
  }
  writeFileSync(join(dir, 'chunks.json'), JSON.stringify(scriptOf));
  const { promise, resolve } = Promise.withResolvers<Import>();
  // The program gives its `require` to the only function that it has from here.
  const importModule = async (given: unknown) => resolve(given as Import);
  const loaded = loadProgram(dir, { importModule, useCaches: true });
  return { dir, loaded, importChunk: await promise };
}

const MAIN = 'importModule(require);';

test('chunks that import each other see what the other exports later', async (context) => {
  const { importChunk } = await load(context, {
    program: {
      './main.js': MAIN,
      './a.js': "exports.b = require('./b.js'); exports.name = 'a';",
      './b.js': "const a = require('./a.js'); exports.nameOfA = () => a.name;",
    },
  });
  const { nameOfA } = importChunk('./b.js') as { nameOfA: () => string };
  assert.equal(nameOfA(), 'a');
});

test('a script is read when a chunk of it is needed, with or without a cache that fits', async (context) => {
  const { dir, loaded, importChunk } = await load(context, {
    program: { './main.js': MAIN },
    more: { './a.js': "exports.path = require('node:path');" },
  });
  assert.deepEqual([...loaded.keys()], ['program']);
  writeFileSync(join(dir, 'more.cache'), 'not a cache');
  assert.equal(importChunk('./a.js').path, await import('node:path').then((each) => each.default));
  assert.deepEqual([...loaded.keys()], ['program', 'more']);
});

test('a chunk that fails, itself or because of one that it needs, is not there half', async (context) => {
  const { dir, importChunk } = await load(context, {
    program: {
      './main.js': MAIN,
      './a.js': "exports.first = 1; exports.name = require('./b.js').name;",
      './c.js': "exports.first = 1; throw new Error('no memory');",
    },
    more: { './b.js': "exports.name = 'b';" },
  });
  for (const _ of [1, 2]) assert.throws(() => importChunk('./c.js'), /no memory/);
  const file = join(dir, 'more.js');
  const text = readFileSync(file);
  rmSync(file);
  for (const _ of [1, 2]) assert.throws(() => importChunk('./a.js'), /ENOENT/);
  writeFileSync(file, text);
  assert.equal(importChunk('./a.js').name, 'b');
});
