import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { promisify } from 'node:util';
import { PEERS } from './manifest.ts';

const ROOT = join(import.meta.dirname, '../..');
const TSC = join(ROOT, 'node_modules/typescript/bin/tsc');

/** The package with the types of Standard Schema: copied, as it asks for, so that an app needs no dependency. */
export const STANDARD_SCHEMA = join(ROOT, 'node_modules/@standard-schema/spec');

/** A comment, whose examples import as apps do; or the name in quotes after `from`, `import` and `import(`. */
const COMMENT_OR_SPECIFIER = /\/\*[\s\S]*?\*\/|(?<=\b(?:from |import |import\())(['"])(.+?)\1/g;

/**
 * Writes the declarations of these sources, and of those that they name, also of core: `sdk/src/index.d.ts`,
 * `core/src/model/finding.d.ts`. Rejects with what tsc reports. Tools that put all of them into one file need
 * the compiler as a JavaScript library, which TypeScript 7 is not.
 */
export async function writeDeclarations(sources: readonly string[], outdir: string): Promise<void> {
  const scratch = await mkdtemp(join(tmpdir(), 'lastgood-declarations-'));
  try {
    await emit(sources, scratch);
    const written = new Set<string>();
    const open = sources.map((source) => declarationOf(relative(ROOT, source)));
    for (let path = open.pop(); path !== undefined; path = open.pop()) {
      if (written.has(path)) continue;
      written.add(path);
      open.push(...(await rewrite(path, scratch, outdir)));
    }
    await copyFile(join(STANDARD_SCHEMA, 'dist/index.d.ts'), join(outdir, 'standard-schema.d.ts'));
  } finally {
    await rm(scratch, { recursive: true });
  }
}

/** Declarations of everything that the sources import. */
async function emit(files: readonly string[], outDir: string): Promise<void> {
  const config = {
    extends: join(ROOT, 'tsconfig.json'),
    include: [],
    files,
    compilerOptions: {
      // What Node.js 22 has. Anything newer does not compile.
      lib: ['es2024', 'es2025.collection', 'es2025.iterator'],
      typeRoots: [join(ROOT, 'node_modules/@types')],
      // Otherwise core is a package, and tsc declares only what is not in one.
      paths: { '@lastgood/core/*': [join(ROOT, 'core/src/*')] },
      noEmit: false,
      declaration: true,
      emitDeclarationOnly: true,
      rootDir: ROOT,
      outDir,
    },
  };
  const project = join(outDir, 'tsconfig.json');
  await writeFile(project, JSON.stringify(config));
  await promisify(execFile)(process.execPath, [TSC, '-p', project]).catch(({ stdout }) => {
    throw new Error(`tsc refuses the sources of the package:\n${stdout}`);
  });
}

/** Copies a declaration with its imports as they are in the package. Returns the declarations that it names. */
async function rewrite(path: string, from: string, outdir: string): Promise<string[]> {
  const named: string[] = [];
  const text = await readFile(join(from, path), 'utf8');
  const rewritten = text.replaceAll(COMMENT_OR_SPECIFIER, (all, _quote, specifier?: string) => {
    if (specifier === undefined) return all;
    const target = targetOf(specifier, path);
    if (target === undefined) return all;
    if (target !== 'standard-schema.d.ts') named.push(target);
    const inner = relative(dirname(path), target).replace(/\.d\.ts$/, '.js');
    return `'${inner.startsWith('.') ? inner : `./${inner}`}'`;
  });
  await mkdir(dirname(join(outdir, path)), { recursive: true });
  await writeFile(join(outdir, path), rewritten);
  return named;
}

/** The declaration that `path` imports with a specifier; undefined for a module of Node.js or a peer. */
function targetOf(specifier: string, path: string): string | undefined {
  if (specifier === '@standard-schema/spec') return 'standard-schema.d.ts';
  if (specifier.startsWith('.')) return declarationOf(join(dirname(path), specifier));
  const inCore = /^@lastgood\/core\/(.*)$/.exec(specifier)?.[1];
  if (inCore !== undefined) return declarationOf(`core/src/${inCore}`);
  if (specifier.startsWith('node:') || PEERS.includes(specifier)) return undefined;
  throw new Error(`${path} names ${specifier}, which the package does not have`);
}

function declarationOf(source: string): string {
  return source.replace(/\.ts$/, '.d.ts');
}
