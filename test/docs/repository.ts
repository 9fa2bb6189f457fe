import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

/** The top directory of the repository. */
export const ROOT = join(import.meta.dirname, '../..');

/** Directories that git ignores. */
const IGNORED: ReadonlySet<string> = new Set(['node_modules', 'dist']);

/** Every file that matches the pattern, by its path from the top. Throws if there is none. */
export function readFiles(pattern: string | readonly string[]): ReadonlyMap<string, string> {
  const exclude = (path: string) => IGNORED.has(basename(path));
  const paths = globSync(pattern, { cwd: ROOT, exclude }).sort();
  if (paths.length === 0) throw new Error(`no file matches ${pattern}`);
  return new Map(paths.map((path) => [path, readFileSync(join(ROOT, path), 'utf8')]));
}

/** Every file that a person writes: code, tests, docs and settings. */
export function readSources(): ReadonlyMap<string, string> {
  return readFiles(['**/*.{ts,mjs,js,py,sh,md,yaml}', '**/Dockerfile', '.ci/run']);
}

/** The part of a page below a heading, up to the next heading of its level or above. */
export function readSection(page: string, heading: string): string {
  const text = readFileSync(join(ROOT, page), 'utf8');
  const level = /^#+/.exec(heading)?.[0].length ?? 0;
  const [, after] = text.split(`\n${heading}\n`);
  if (after === undefined) throw new Error(`${page} has no heading "${heading}"`);
  return after.split(new RegExp(`^#{1,${level}} `, 'm'))[0] ?? '';
}
