import assert from 'node:assert/strict';
import { test } from 'node:test';
import { build } from 'esbuild';

/** What no single format may pull in: the parsers of the others, and the globs of volumes. */
const LIBRARIES = [
  'dot-properties',
  'js-yaml',
  'json5',
  'jsonc-parser',
  'picomatch',
  'smol-toml',
] as const;

/** The libraries of core that a program contains after bundling. */
async function bundledLibraries(program: string): Promise<readonly string[]> {
  const { metafile } = await build({
    stdin: { contents: program, resolveDir: import.meta.dirname, loader: 'ts' },
    bundle: true,
    format: 'esm',
    platform: 'node',
    // The UMD build in jsonc-parser's `main` hides its dependencies from the bundler.
    mainFields: ['module', 'main'],
    metafile: true,
    write: false,
    logLevel: 'silent',
  });
  const inputs = Object.values(metafile.outputs).flatMap((output) => Object.entries(output.inputs));
  const used = inputs.filter(([, { bytesInOutput }]) => bytesInOutput > 0).map(([path]) => path);
  return LIBRARIES.filter((name) => used.some((path) => path.includes(`node_modules/${name}/`)));
}

const PROGRAMS: readonly (readonly [format: string, ...libraries: string[]])[] = [
  ['yaml', 'js-yaml'],
  ['json', 'jsonc-parser'],
  ['json5', 'json5', 'jsonc-parser'],
  ['toml', 'smol-toml'],
  ['properties', 'dot-properties'],
  ['ini'],
  ['env'],
  ['pem'],
];

for (const [format, ...libraries] of PROGRAMS)
  test(`a program that imports only ${format} bundles ${libraries.join(' and ') || 'no library'}`, async () => {
    const specifier = `@lastgood/core/formats/${format}.ts`;
    const program = `import { ${format} } from '${specifier}';\nconsole.log(${format}.parse('a: 1'));`;
    assert.deepEqual(await bundledLibraries(program), libraries);
  });

test('an import of core that is not used leaves nothing in the bundle', async () => {
  const program = [
    "import { formatOfPath } from '@lastgood/core/formats/formats.ts';",
    "import { createCapture } from '@lastgood/core/capture/capture.ts';",
    "console.log('nothing else');",
  ].join('\n');
  assert.deepEqual(await bundledLibraries(program), []);
});
