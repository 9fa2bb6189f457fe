import { spawnSync } from 'node:child_process';
import { cpSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { loadAll } from 'js-yaml';
import { ROOT } from '../docs/repository.ts';
import { temporaryDirectory } from '../kubelet/temporary-directory.ts';
import type { Manifest } from './kustomize.ts';

const FOLDER = join(import.meta.dirname, 'helm');
const PACKAGE = 'helm.sh/helm/v3/cmd/helm';

/** In node_modules, which git ignores and `npm ci` empties; Go keeps what it has compiled. */
const BUILT = join(ROOT, 'node_modules/.cache/lastgood/helm');

/** The first build downloads and compiles it, which takes minutes. */
const BUILD_TIMEOUT_MS = 1_200_000;

const INSTALLED = 'helm';

/** The helm of the machine, or else the version that `helm/go.mod` pins. */
const PROGRAM = spawnSync(INSTALLED, ['version']).status === 0 ? INSTALLED : BUILT;

const FAULT = PROGRAM === INSTALLED ? undefined : buildHelm();

/** Why the tests do not run here. In CI a missing program is a failure. */
export const skip = FAULT !== undefined && !process.env.CI ? FAULT : false;

function buildHelm(): string | undefined {
  if (!existsSync(BUILT)) process.stderr.write('test/deploy: building helm once, some minutes …\n');
  const options = { cwd: FOLDER, timeout: BUILD_TIMEOUT_MS, encoding: 'utf8' } as const;
  const { status, error, stderr } = spawnSync('go', ['build', '-o', BUILT, PACKAGE], options);
  if (status === 0) return undefined;
  return `Go cannot build helm: ${error?.message ?? stderr.trim().split('\n').at(-1)}`;
}

/** The chart of these tests. */
const CHART = join(FOLDER, 'chart');

/** Renders a chart, with the library chart of `deploy/`. Throws what helm prints. */
export function renderChart(t: TestContext, values: object, from = CHART): readonly Manifest[] {
  const chart = join(temporaryDirectory(t), 'web');
  cpSync(from, chart, { recursive: true });
  cpSync(join(ROOT, 'deploy/helm/lastgood'), join(chart, 'charts/lastgood'), { recursive: true });
  const argv = ['template', 'web', chart, '--values', '-'];
  const run = spawnSync(PROGRAM, argv, { input: JSON.stringify(values), encoding: 'utf8' });
  if (run.status !== 0) throw new Error(run.stderr || String(run.error));
  return loadAll(run.stdout);
}
