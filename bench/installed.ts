import { existsSync, globSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';

const ROOT = join(import.meta.dirname, '..');

/** Packages that npm installs for an app, with what they depend on. */
export interface Installed {
  readonly packages: number;
  readonly sizeKib: number;
}

/** What npm installs for these packages, by what it has installed here. Without optional peers, as npm does. */
export function installedFor(names: readonly string[]): Installed {
  const dirs = new Set<string>();
  const add = (name: string, from: string) => {
    const dir = directoryOf(name, from);
    if (dirs.has(dir)) return;
    dirs.add(dir);
    const manifest = manifestOf(dir);
    const { dependencies = {}, peerDependencies = {}, peerDependenciesMeta = {} } = manifest;
    const peers = Object.keys(peerDependencies);
    const needed = peers.filter((peer) => peerDependenciesMeta[peer]?.optional !== true);
    for (const each of [...Object.keys(dependencies), ...needed]) add(each, dir);
  };
  for (const name of names) add(name, ROOT);
  const sizes = [...dirs].map((dir) => sizeKibOf(dir));
  return { packages: dirs.size, sizeKib: sizes.reduce((sum, size) => sum + size, 0) };
}

/** Of all files, without packages that are inside. */
export function sizeKibOf(dir: string): number {
  const paths = globSync('**', { cwd: dir, exclude: (path) => path === 'node_modules' });
  const files = paths.map((path) => statSync(join(dir, path)));
  return files.reduce((sum, file) => sum + (file.isFile() ? file.size : 0), 0) / 1024;
}

export function versionOf(name: string): string {
  return manifestOf(directoryOf(name, ROOT)).version;
}

interface Manifest {
  readonly version: string;
  readonly dependencies?: Record<string, string>;
  readonly peerDependencies?: Record<string, string>;
  readonly peerDependenciesMeta?: Record<string, { readonly optional?: boolean }>;
}

function manifestOf(dir: string): Manifest {
  return JSON.parse(readFileSync(join(dir, 'package.json'), 'utf8'));
}

/** By hand: a package may not export its `package.json`. */
function directoryOf(name: string, from: string): string {
  const dir = join(from, 'node_modules', name);
  if (existsSync(dir)) return dir;
  if (from === dirname(from)) throw new Error(`${name} is not installed`);
  return directoryOf(name, dirname(from));
}
