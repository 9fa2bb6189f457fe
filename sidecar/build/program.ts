import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { type Metafile, type Plugin, transform } from 'esbuild';
import { billOfMaterials } from './bill-of-materials.ts';
import { bundle } from './bundle.ts';

const SOURCE = join(import.meta.dirname, '../src');

/** What the scripts are for: the first is read by each start, the second where a file has a schema or rules. */
const SCRIPTS = {
  program: [
    'main.ts',
    'cli/print-result.ts',
    'cli/run-command-line.ts',
    'cli/run/run-sidecar.ts',
    'compat/detect.ts',
    'settings/load.ts',
    'settings/from-value.ts',
    'app/run.ts',
    'steps/validate/validator.ts',
  ],
  checks: [
    'checks/json-schema/load.ts',
    'checks/json-schema/check.ts',
    'checks/cel/rules.ts',
    'node_modules/ajv/dist/2020.js',
    'node_modules/ajv-formats/dist/index.js',
  ],
};

/** Everything else: deliveries, subscribers, the other commands. */
const MORE = 'more';

/** Other than in a file of one's own, a first line for the shell is not JavaScript in a script. */
const SHEBANG = /^#!.*\n/;

const HEAD = '(function (requireBuiltin, __dirname, workerUrl, importModule) { return {\n';

/** The one place that loads modules of the user; see `loadProgram`. */
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

/**
 * Builds the scripts of the program, with the licenses and the bill of materials. They are scripts, as those
 * can have a cache of compiled code in the image, and modules cannot. They are several, as V8 makes an object of
 * each function in a script that it reads.
 */
export async function bundleProgram(dir: string): Promise<void> {
  const chunkDir = join(dir, 'chunks');
  const options = {
    format: 'esm',
    splitting: true,
    chunkNames: '[hash]',
    define: { 'import.meta.url': 'workerUrl' },
  } as const;
  const plugins = [importModule, billOfMaterials];
  const built = await bundle(join(SOURCE, 'main.ts'), { outdir: chunkDir }, options, plugins);
  const scriptOf = assignChunks(built.metafile);
  const commonJs = commonJsChunks(built.metafile);
  const texts: Record<string, string[]> = {};
  for (const name of (await readdir(chunkDir)).sort()) {
    if (!name.endsWith('.js')) await rename(join(chunkDir, name), join(dir, name));
    else {
      const script = scriptOf[`./${name}`] ?? MORE;
      texts[script] = [
        ...(texts[script] ?? []),
        await readChunk(chunkDir, name, commonJs.has(name)),
      ];
    }
  }
  for (const [name, chunks] of Object.entries(texts)) {
    const text = `${HEAD}${chunks.join(',\n')}\n}})`;
    // The loader reads bytes as characters.
    if (/[^\0-\x7f]/.test(text)) throw new Error(`${name}.js has a character beyond ASCII`);
    await writeFile(join(dir, `${name}.js`), text);
  }
  await writeFile(join(dir, 'chunks.json'), JSON.stringify(scriptOf));
  await rm(chunkDir, { recursive: true });
}

/** For each chunk, the first script that needs it: for its own files, or for what they import statically. */
function assignChunks({ outputs }: Metafile): Readonly<Record<string, string>> {
  const found: Record<string, string> = {};
  const add = (path: string, script: string) => {
    const id = `./${basename(path)}`;
    if (id in found) return;
    found[id] = script;
    for (const { kind, path: imported } of outputs[path]?.imports ?? [])
      if (kind === 'import-statement' && imported in outputs) add(imported, script);
  };
  for (const [script, files] of Object.entries(SCRIPTS))
    for (const file of files) {
      const isOf = ({ entryPoint = '' }) => `/${entryPoint}`.endsWith(`/${file}`);
      const [path] = Object.entries(outputs).find(([, output]) => isOf(output)) ?? [];
      if (path === undefined) throw new Error(`${file} is not imported lazily any more`);
      add(path, script);
    }
  for (const path of Object.keys(outputs)) if (path.endsWith('.js')) add(path, MORE);
  return found;
}

/** The chunks of CommonJS modules that are imported lazily. They have only a default export, of what those export. */
function commonJsChunks({ inputs, outputs }: Metafile): ReadonlySet<string> {
  const found = Object.entries(outputs).filter(
    ([, { entryPoint = '' }]) => inputs[entryPoint]?.format === 'cjs',
  );
  return new Set(found.map(([path]) => basename(path)));
}

/** As in Node, the properties of what a CommonJS module exports are exports too. */
const NAMED_EXPORTS =
  ';module.exports={...module.exports.default,...module.exports,__esModule:true}';

/** Of a chunk, a property of the object that its script returns; `loadProgram` calls it. */
async function readChunk(dir: string, name: string, isCommonJs: boolean): Promise<string> {
  const text = await readFile(join(dir, name), 'utf8');
  const { code } = await transform(text.replace(SHEBANG, ''), {
    format: 'cjs',
    minify: true,
    target: 'node26',
    platform: 'node',
    // Node gives scripts no `import()`.
    supported: { 'dynamic-import': false },
  });
  return `'./${name}'(module, exports, require) {${code}${isCommonJs ? NAMED_EXPORTS : ''}}`;
}
