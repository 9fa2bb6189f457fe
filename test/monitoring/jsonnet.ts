/** Programs of go-jsonnet, in the version that `go.mod` of this folder pins. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { ROOT } from '../docs/repository.ts';

export const MIXIN = join(ROOT, 'deploy/monitoring');

const BUILT = join(ROOT, 'node_modules/.cache/lastgood/jsonnet');

const PROGRAMS = ['jsonnet', 'jsonnetfmt', 'jsonnet-lint'] as const;

/** The first build downloads and compiles them. */
const BUILD_TIMEOUT_MS = 600_000;

const FAULT = buildPrograms();

/** Why the tests do not run here. In CI a missing program is a failure. */
export const skip = FAULT !== undefined && !process.env.CI ? FAULT : false;

function buildPrograms(): string | undefined {
  const packages = PROGRAMS.map((name) => `github.com/google/go-jsonnet/cmd/${name}`);
  const { status, error, stderr } = spawnSync('go', ['build', '-o', `${BUILT}/`, ...packages], {
    cwd: import.meta.dirname,
    timeout: BUILD_TIMEOUT_MS,
    encoding: 'utf8',
  });
  if (status === 0) return undefined;
  return `Go cannot build jsonnet: ${error?.message ?? stderr.trim().split('\n').at(-1)}`;
}

/** Runs one of the programs in the folder of the mixin. Returns what it prints; throws if it fails. */
export function run(program: (typeof PROGRAMS)[number], ...args: readonly string[]): string {
  const options = { cwd: MIXIN, encoding: 'utf8' } as const;
  const { status, error, stdout, stderr } = spawnSync(join(BUILT, program), args, options);
  if (status !== 0) throw new Error(`${program}: ${error?.message ?? stderr}`);
  return stdout;
}

/** The rendered files, by name, with other values of the configuration. */
export function renderMixin(config: object = {}): Readonly<Record<string, string>> {
  const mixin = `(import 'mixin.libsonnet') + { _config+:: ${deepen(config)} }`;
  const files: object = JSON.parse(run('jsonnet', '-e', `(import 'render.libsonnet')(${mixin})`));
  return Object.fromEntries(Object.entries(files).map(([name, text]) => [name, `${text}\n`]));
}

/** As Jsonnet, in which each object adds to the one that is there. */
function deepen(value: unknown): string {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return JSON.stringify(value);
  const fields = Object.entries(value).map(([name, each]) => {
    const isObject = typeof each === 'object' && each !== null && !Array.isArray(each);
    return `${JSON.stringify(name)}${isObject ? '+' : ''}: ${deepen(each)}`;
  });
  return `{ ${fields.join(', ')} }`;
}
