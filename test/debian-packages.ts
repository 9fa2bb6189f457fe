/** Programs from Debian packages: unpacked below a directory, so nothing is installed and no service starts. */
import { execFileSync, spawnSync } from 'node:child_process';
import { globSync, mkdirSync, renameSync, rmSync } from 'node:fs';

export interface Packages {
  /** Their libraries are fetched too, if they are not installed. */
  readonly withLibraries: readonly string[];
  /** Their dependencies are many, and not needed. */
  readonly alone: readonly string[];
  /** Which of the packages that apt would install for them are needed. */
  readonly isNeeded: (name: string) => boolean;
}

/** Replaces the directory, all at once: an interrupted run leaves none. Throws if apt cannot fetch a package. */
export function unpackPackages(dir: string, packages: Packages): void {
  const scratch = `${dir}.new`;
  const unpacked = `${scratch}/unpacked`;
  for (const each of [scratch, dir]) rmSync(each, { recursive: true, force: true });
  mkdirSync(unpacked, { recursive: true });
  run('apt-get', ['download', ...packages.alone, ...packagesToFetch(packages)], scratch);
  for (const deb of globSync('*.deb', { cwd: scratch }))
    run('dpkg-deb', ['--extract', deb, unpacked], scratch);
  renameSync(unpacked, dir);
  rmSync(scratch, { recursive: true });
}

/** The last line that a failed program printed. */
export function reasonOf(error: unknown): string {
  const { stderr } = error as { stderr?: Buffer };
  return (stderr?.toString() || String(error)).trim().split('\n').at(-1) ?? '';
}

/** What apt would install for them: the packages themselves, and the libraries that are not here. */
function packagesToFetch({ withLibraries, isNeeded }: Packages): readonly string[] {
  const arguments_ = ['install', '--simulate', '--no-install-recommends', ...withLibraries];
  let { status, stdout } = spawnSync('apt-get', arguments_, { encoding: 'utf8' });
  // A fresh image has no lists of packages yet.
  if (status !== 0) {
    run('apt-get', ['update', '-qq'], '/');
    stdout = run('apt-get', arguments_, '/');
  }
  const names = [...(stdout ?? '').matchAll(/^Inst (\S+)/gm)].map((match) => match[1] ?? '');
  return [...new Set([...withLibraries, ...names.filter(isNeeded)])];
}

function run(command: string, arguments_: readonly string[], cwd: string): string {
  return execFileSync(command, arguments_, { cwd, encoding: 'utf8', stdio: 'pipe' });
}
