/** Bundles the sidecar into one self-contained file, `dist/lastgood.js`: what the image runs. */
import { chmod, stat } from 'node:fs/promises';
import { build } from 'esbuild';
import { builtinsByRequire } from './build/builtins-by-require.ts';
import { oneByteACharacter } from './build/one-byte-a-character.ts';
import { readyMadeSchemas } from './build/ready-made-schemas.ts';

const outfile = `${import.meta.dirname}/dist/lastgood.js`;

await build({
  entryPoints: [`${import.meta.dirname}/src/main.ts`],
  outfile,
  bundle: true,
  platform: 'node',
  target: 'node26',
  format: 'esm',
  minify: true,
  legalComments: 'linked',
  // The UMD build that jsonc-parser gives as its main cannot be bundled; its ES modules can.
  mainFields: ['module', 'main'],
  plugins: [builtinsByRequire, readyMadeSchemas, oneByteACharacter],
  // Some CommonJS dependencies call require, which ES modules do not have.
  banner: {
    js: "import { createRequire as lastgoodRequire } from 'node:module'; const require = lastgoodRequire(import.meta.url);",
  },
});
await chmod(outfile, 0o755);
const { size } = await stat(outfile);
process.stdout.write(`sidecar/dist/lastgood.js ${Math.round(size / 1024)} KiB\n`);
