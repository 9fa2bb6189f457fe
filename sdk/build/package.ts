import { copyFile, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { build } from 'esbuild';
import { lazyBuiltins } from '../../tools/lazy-builtins.ts';
import { thirdPartyLicenses } from '../../tools/third-party-licenses.ts';
import { withoutFormatter } from '../../tools/without-formatter.ts';
import { OLDEST_NODE } from '../src/node-version.ts';
import { STANDARD_SCHEMA, writeDeclarations } from './declarations.ts';
import { ENTRIES, PEERS, publishedManifest, SDK } from './manifest.ts';
import { REQUIRED_ENTRY } from './required-entry.ts';

const LINK_TO_PAGE = /\[([^\]]+)\]\((?!https:)[^)]+\)/g;

/**
 * Makes the package in `outdir`: JavaScript with the parsers of core and its libraries inside, declarations,
 * licenses and manifest. Rejects when it cannot be made.
 */
export async function buildPackage(outdir: string): Promise<void> {
  await rm(outdir, { recursive: true, force: true });
  const sources = ENTRIES.map(([, source]) => join(SDK, source));
  await Promise.all([bundle(sources, outdir), writeDeclarations(sources, join(outdir, 'types'))]);
  for (const source of sources)
    await writeFile(
      join(outdir, relative(join(SDK, 'src'), dirname(source)), 'index.cjs'),
      REQUIRED_ENTRY,
    );
  await writeFile(
    join(outdir, 'package.json'),
    `${JSON.stringify(publishedManifest(OLDEST_NODE), null, 2)}\n`,
  );
  await copyFile(join(SDK, '../LICENSE'), join(outdir, 'LICENSE'));
  // Without the links, which lead to other pages of the repository.
  const page = await readFile(join(SDK, '../docs/sdk.md'), 'utf8');
  await writeFile(join(outdir, 'README.md'), page.replaceAll(LINK_TO_PAGE, '$1'));
}

async function bundle(entryPoints: readonly string[], outdir: string): Promise<void> {
  await build({
    entryPoints: [...entryPoints],
    outdir,
    outbase: join(SDK, 'src'),
    bundle: true,
    external: [...PEERS],
    // What two entries share is there once, so that an error of one is an instance of the other's class.
    splitting: true,
    chunkNames: 'chunks/[name]-[hash]',
    platform: 'node',
    target: `node${OLDEST_NODE}`,
    format: 'esm',
    // The licenses go into a separate file.
    legalComments: 'none',
    // The UMD build that jsonc-parser gives as its main cannot be bundled; its ES modules can.
    mainFields: ['module', 'main'],
    plugins: [
      lazyBuiltins(/^node:(?:buffer|crypto|util)$/),
      withoutFormatter,
      thirdPartyLicenses([STANDARD_SCHEMA]),
    ],
  });
}
