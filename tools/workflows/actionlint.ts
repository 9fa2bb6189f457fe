import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const MODULE = 'github.com/rhysd/actionlint/cmd/actionlint';

/** A build takes seconds; a download over a dead network would never end. */
const BUILD_TIMEOUT_MS = 300_000;

/** In node_modules, which git ignores and `npm ci` empties. */
const PROGRAM = join(import.meta.dirname, '../../node_modules/.cache/lastgood/actionlint');

/**
 * Builds actionlint in the version that `go.mod` of this folder pins. Go compares the sources with
 * `go.sum` and keeps what it built: the first build takes about 15 s, each later one 0.1 s.
 * Returns why that is not possible here, or undefined once the program is there.
 */
export function buildActionlint(): string | undefined {
  const { error, status, stderr } = spawnSync('go', ['build', '-o', PROGRAM, MODULE], {
    cwd: import.meta.dirname,
    encoding: 'utf8',
    timeout: BUILD_TIMEOUT_MS,
  });
  if (error !== undefined && 'code' in error && error.code === 'ENOENT')
    return 'Go is not installed, and it takes Go to build actionlint';
  if (error !== undefined) return `Go cannot build actionlint: ${error.message}`;
  if (status !== 0) return `Go cannot build actionlint: ${stderr.trim().split('\n').at(-1)}`;
  return undefined;
}

/** One line for each mistake: `file:line:column: message [rule]`. Needs `buildActionlint` first. */
export function runActionlint(directory: string, files: readonly string[]): readonly string[] {
  // Not every machine has shellcheck and pyflakes, and the result has to be the same everywhere.
  const flags = ['-oneline', '-no-color', '-shellcheck=', '-pyflakes='];
  const run = spawnSync(PROGRAM, [...flags, ...files], { cwd: directory, encoding: 'utf8' });
  if (run.status !== 0 && run.status !== 1)
    throw new Error(`actionlint failed: ${run.stderr || run.error}`);
  return run.stdout.split('\n').filter((line) => line !== '');
}
