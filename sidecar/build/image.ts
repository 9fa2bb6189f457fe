import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BuildOptions, Plugin } from 'esbuild';
import { billOfMaterials } from './bill-of-materials.ts';
import { bundle } from './bundle.ts';

const SOURCE = join(import.meta.dirname, '../src');

/** A script, as V8 keeps a cache of compiled code for those, and Node none for modules of its own choice. */
const SCRIPT = {
  format: 'cjs',
  define: { 'import.meta.url': 'lastgoodUrl', 'import.meta.dirname': '__dirname' },
  // What a thread of the program runs.
  banner: {
    js: "const lastgoodUrl = require('node:url').pathToFileURL(__dirname + '/worker.js').href;",
  },
} as const satisfies BuildOptions;

/** The one place that loads modules of the user; see `compileScript`. */
const importModule: Plugin = {
  name: 'import-module',
  setup({ onLoad }) {
    onLoad({ filter: /\/json-schema\/module-cache\.ts$/ }, async ({ path }) => {
      const text = await readFile(path, 'utf8');
      const contents = text.replace('await import(url)', 'await importModule(url)');
      if (contents === text) return { errors: [{ text: 'it does not call import(url)' }] };
      return { contents, loader: 'ts' };
    });
  },
};

/** Other than in a file of one's own, a first line for the shell is not JavaScript in a script. */
const SHEBANG = /^#!.*\n/;

/**
 * Builds the files of the image into a directory: what loads the program, the program, and what a thread of it
 * runs. `compile-cache.ts` adds the compile cache, which fits only the Node that made it.
 */
export async function bundleImage(dir: string): Promise<void> {
  await mkdir(dir, { recursive: true });
  await bundle(join(SOURCE, 'loader.ts'), join(dir, 'lastgood.js'), SCRIPT);
  await bundle(join(SOURCE, 'steps/validate/worker.ts'), join(dir, 'worker.js'), SCRIPT);
  const program = join(dir, 'program.js');
  await bundle(join(SOURCE, 'main.ts'), program, SCRIPT, [importModule, billOfMaterials]);
  const text = (await readFile(program, 'utf8')).replace(SHEBANG, '');
  // The loader reads bytes as characters.
  if (/[^\0-\x7f]/.test(text)) throw new Error(`${program} has a character beyond ASCII`);
  await writeFile(program, text);
  await writeFile(join(dir, 'package.json'), '{ "type": "commonjs" }\n');
}
