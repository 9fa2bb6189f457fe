import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { load, loadAll } from 'js-yaml';
import { ROOT } from '../docs/repository.ts';
import { temporaryDirectory } from '../kubelet/temporary-directory.ts';

const FIXTURES = join(import.meta.dirname, 'fixtures');

/** The first build of kustomize downloads and compiles it. */
const BUILD_TIMEOUT_MS = 600_000;

// biome-ignore lint/suspicious/noExplicitAny: a manifest has no type, and each test compares values.
export type Manifest = any;

/** The kubectl of the machine, or else kustomize in the version that `go.mod` of this folder pins. */
const COMMAND = isThere('kubectl', 'kustomize', '--help')
  ? (['kubectl', 'kustomize'] as const)
  : (['go', 'tool', 'kustomize', 'build'] as const);

const FAULT =
  COMMAND[0] === 'kubectl' || isThere('go', 'version') ? undefined : 'neither kubectl nor Go here';

/** Why the tests do not run here. In CI a missing program is a failure. */
export const skip = FAULT !== undefined && !process.env.CI ? FAULT : false;

function isThere(program: string, ...argv: readonly string[]): boolean {
  return spawnSync(program, argv).status === 0;
}

/**
 * Builds a kustomization of a fixture, beside a copy of `deploy/`. Throws what kustomize prints.
 *
 * @param volume - how the fixture names its volume `config`
 */
export function build(
  t: TestContext,
  fixture: string,
  more: object,
  volume = 'config',
): readonly Manifest[] {
  const dir = temporaryDirectory(t);
  const app = join(dir, 'app');
  mkdirSync(app);
  cpSync(join(ROOT, 'deploy'), join(dir, 'deploy'), { recursive: true });
  const text = readFileSync(join(FIXTURES, fixture), 'utf8');
  writeFileSync(join(app, fixture), text.replaceAll('name: config', `name: ${volume}`));
  const kustomization = JSON.stringify({ resources: [fixture], ...more });
  writeFileSync(join(app, 'kustomization.yaml'), kustomization);
  return loadAll(buildText(app));
}

/** The output of kustomize for a directory. Throws what it prints. */
export function buildText(dir: string): string {
  const [program, ...flags] = COMMAND;
  const options = {
    cwd: import.meta.dirname,
    timeout: BUILD_TIMEOUT_MS,
    encoding: 'utf8',
  } as const;
  const run = spawnSync(program, [...flags, dir], options);
  if (run.status !== 0) throw new Error(run.stderr || String(run.error));
  return run.stdout;
}

/** The manifest of a fixture. */
export function readFixture(fixture: string): Manifest {
  return load(readFileSync(join(FIXTURES, fixture), 'utf8'));
}
