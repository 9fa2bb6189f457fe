/** Programs from Debian packages: unpacked below a directory, so nothing is installed and no service starts. */
import { execFileSync } from 'node:child_process';
import { globSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { DOWNLOAD_WITHIN_MS } from './deadline.ts';

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
  rmSync(dir, { recursive: true, force: true });
  const download = () => {
    rmSync(scratch, { recursive: true, force: true });
    mkdirSync(unpacked, { recursive: true });
    run('apt-get', ['download', ...packages.alone, ...packagesToFetch(packages)], scratch);
  };
  try {
    download();
  } catch {
    // A fresh image has no lists of packages yet, or old ones, whose packages the mirror no longer has.
    run('apt-get', ['update', '-qq'], '/');
    download();
  }
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
  const simulated = run('apt-get', arguments_, '/');
  const names = [...simulated.matchAll(/^Inst (\S+)/gm)].map((match) => match[1] ?? '');
  return [...new Set([...withLibraries, ...names.filter(isNeeded)])];
}

function run(command: string, arguments_: readonly string[], cwd: string): string {
  const options = { cwd, stdio: 'pipe', timeout: DOWNLOAD_WITHIN_MS } as const;
  return execFileSync(command, arguments_, { ...options, encoding: 'utf8' });
}
