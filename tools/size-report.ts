/**
 * `npm run size`: how many lines each room has, which files are the largest, and how large the built file
 * is. Exits with 1 if the built file outgrows its budget: one import can bring in all of a library.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';

/** The goal for `core/src`, `sidecar/src` and `sdk/src` together, without tests. */
const GOAL_LINES = 25_500;

/** What the image runs: every pod reads and compiles it at its start. */
const MAX_BUILT_KIB = 1_900;

const BUILT = 'sidecar/dist/lastgood.js';
const NOT_SOURCE = /\.(?:test|testing)\.ts$|\/fixtures\//;
const LARGEST_SHOWN = 5;

interface SourceFile {
  readonly path: string;
  readonly lines: number;
}

function listSources(): SourceFile[] {
  const listed = execFileSync('git', ['ls-files', 'core/src', 'sidecar/src', 'sdk/src'], {
    encoding: 'utf8',
  });
  const paths = listed.split('\n').filter((path) => path.endsWith('.ts') && !NOT_SOURCE.test(path));
  return paths.map((path) => ({ path, lines: readFileSync(path, 'utf8').split('\n').length - 1 }));
}

/** `sidecar/src/steps`, for each of its files. */
function roomOf({ path }: SourceFile): string {
  const [workspace, src, room = ''] = path.split('/');
  return [workspace, src, ...(room.endsWith('.ts') ? [] : [room])].join('/');
}

function sumLines(files: readonly SourceFile[]): number {
  return files.reduce((sum, { lines }) => sum + lines, 0);
}

function printRow(name: string, lines: number, files?: number): void {
  const count = files === undefined ? '' : `${files} files`;
  process.stdout.write(`${name.padEnd(44)}${String(lines).padStart(7)}  ${count}\n`);
}

const sources = listSources();
const total = sumLines(sources);

process.stdout.write('Lines of each room, without tests\n');
for (const [room, files] of Object.entries(Object.groupBy(sources, roomOf)))
  printRow(room, sumLines(files ?? []), files?.length);
printRow(`total (goal ${GOAL_LINES})`, total, sources.length);

process.stdout.write('\nLargest files\n');
for (const { path, lines } of sources.toSorted((a, b) => b.lines - a.lines).slice(0, LARGEST_SHOWN))
  printRow(path, lines);

const builtKib = existsSync(BUILT) ? Math.round(statSync(BUILT).size / 1024) : undefined;
process.stdout.write(
  builtKib === undefined
    ? `\n${BUILT} is not built; npm run build makes it\n`
    : `\n${BUILT}: ${builtKib} KiB (budget ${MAX_BUILT_KIB})\n`,
);

if (builtKib !== undefined && builtKib > MAX_BUILT_KIB) {
  process.stderr.write('The built file is over its budget: find what an import brings in.\n');
  process.exitCode = 1;
}
