import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { CannotRun } from '../cannot-run.ts';
import type { Report } from '../progress.ts';

/** Ends only a hang, as of a download: from nothing, the slowest takes 5 minutes on 2 cores. */
const TIMEOUT_MS = 3_600_000;

/** Runs `go build` in a folder, static. Rejects with the last line that it printed. */
export async function goBuild(
  dir: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<void> {
  const build = spawn('nice', ['-n', '10', 'go', 'build', ...args], {
    cwd: dir,
    env: { ...process.env, CGO_ENABLED: '0', ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
    timeout: TIMEOUT_MS,
  });
  let last = '';
  createInterface({ input: build.stderr }).on('line', (line) => {
    last = line;
  });
  const [code, signal] = await once(build, 'close');
  if (signal !== null) throw new Error(`go build ended with ${signal}; its last line: ${last}`);
  if (code !== 0) throw new Error(last || `go build ended with ${code}`);
}

/** A program of a module that a `go.mod` of this folder pins. */
export interface Program {
  /** As a person calls it. */
  readonly name: string;
  /** The folder of the `go.mod`. */
  readonly folder: string;
  readonly package: string;
  /** Where it is built to. */
  readonly path: string;
}

/** Of the many kinds of discovery of Prometheus, the one that the tests use: the others double the time of a build. */
const TAGS = 'remove_all_sd,enable_kubernetes_sd';

/** Builds a program if it is not there yet: minutes the first time. Throws a {@link CannotRun} if Go cannot. */
export async function buildProgram(program: Program, report: Report): Promise<void> {
  if (existsSync(program.path)) return;
  report(`building ${program.name} with Go once, some minutes unless Go has it cached`);
  const flags = ['-o', program.path, '-tags', TAGS, '-ldflags', '-s -w'];
  try {
    await goBuild(join(import.meta.dirname, program.folder), [...flags, program.package]);
  } catch (error) {
    throw new CannotRun(`cannot build ${program.name}: ${(error as Error).message}`);
  }
}
