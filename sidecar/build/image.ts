import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BuildOptions } from 'esbuild';
import { bundle } from './bundle.ts';
import { bundleProgram } from './program.ts';

const SOURCE = join(import.meta.dirname, '../src');

/** A script, as the program is; its threads run `worker.js`. */
const SCRIPT = {
  format: 'cjs',
  define: { 'import.meta.url': 'workerUrl', 'import.meta.dirname': '__dirname' },
  banner: { js: "const workerUrl = require('node:url').pathToFileURL(__filename).href;" },
} as const satisfies BuildOptions;

/**
 * Builds the files of the image into a directory: what loads the program, the program, and what a thread of it
 * runs. `compile-cache.ts` adds the compile caches, which fit only the Node that made them.
 */
export async function bundleImage(dir: string): Promise<void> {
  await mkdir(dir, { recursive: true });
  await bundle(join(SOURCE, 'loader.ts'), { outfile: join(dir, 'lastgood.js') }, SCRIPT);
  const worker = join(SOURCE, 'steps/validate/worker.ts');
  await bundle(worker, { outfile: join(dir, 'worker.js') }, SCRIPT);
  await bundleProgram(dir);
  await writeFile(join(dir, 'package.json'), '{ "type": "commonjs" }\n');
}
