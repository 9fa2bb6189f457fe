import { resolve } from 'node:path';
import { type BuildOptions, type BuildResult, build, type Plugin } from 'esbuild';
import { lazyBuiltins } from '../../tools/lazy-builtins.ts';
import { thirdPartyLicenses } from '../../tools/third-party-licenses.ts';
import { withoutFormatter } from '../../tools/without-formatter.ts';
import { inlineErrorsPage } from './inline-errors-page.ts';
import { leanLog } from './lean-log.ts';
import { oneByteACharacter } from './one-byte-a-character.ts';
import { readyMadeSchemas } from './ready-made-schemas.ts';
import { withoutHttp2 } from './without-http2.ts';

const ROOT = resolve(import.meta.dirname, '../..');

/** Parts of fastify that the server does without; see `subscribers/server/`. */
const UNUSED = [
  '@fastify/ajv-compiler',
  '@fastify/fast-json-stringify-compiler',
  'light-my-request',
];

/** Some CommonJS dependencies call require, which ES modules do not have. */
const ESM = {
  format: 'esm',
  banner: {
    js: "import { createRequire as lastgoodRequire } from 'node:module'; const require = lastgoodRequire(import.meta.url);",
  },
} as const satisfies BuildOptions;

/** Makes one self-contained file of a program and all that it imports, or chunks. Rejects when it cannot be. */
export async function bundle(
  program: string,
  output: { readonly outfile: string } | { readonly outdir: string },
  options: BuildOptions = ESM,
  plugins: readonly Plugin[] = [],
): Promise<BuildResult<{ metafile: true }>> {
  return build({
    entryPoints: [program],
    // The names of chunks depend on the paths of their sources from here.
    absWorkingDir: ROOT,
    ...output,
    metafile: true,
    bundle: true,
    platform: 'node',
    target: 'node26',
    minify: true,
    // The licenses go into a separate file.
    legalComments: 'none',
    external: UNUSED,
    // The UMD build that jsonc-parser gives as its main cannot be bundled; its ES modules can.
    mainFields: ['module', 'main'],
    plugins: [
      // bcryptjs has the old name.
      lazyBuiltins(/^(?:node:.*|crypto)$/),
      withoutHttp2,
      withoutFormatter,
      leanLog,
      readyMadeSchemas,
      inlineErrorsPage,
      oneByteACharacter,
      thirdPartyLicenses(),
      ...plugins,
    ],
    ...options,
  });
}
