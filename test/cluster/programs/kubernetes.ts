import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { reasonOf } from '../../debian-packages.ts';
import { CannotRun } from '../cannot-run.ts';
import type { Report } from '../progress.ts';
import { goBuild } from './go-build.ts';

/** 1.35 and later refuse cgroup v1. */
const KUBERNETES = '1.34.4';

/** Ends only a hang. */
const DOWNLOAD_MS = 1_200_000;

const COMMANDS = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kubelet'];

/**
 * Builds Kubernetes' programs into `dir/bin`, and kubectl if it is not installed. Throws a
 * {@link CannotRun} if Go cannot.
 */
export async function buildKubernetes(dir: string, report: Report): Promise<void> {
  const bin = join(dir, 'bin');
  const commands = [...COMMANDS, ...(isInstalled('kubectl') ? [] : ['kubectl'])];
  if (commands.every((name) => existsSync(join(bin, name)))) return;
  report(`building Kubernetes ${KUBERNETES} with Go once, some minutes unless Go has it cached`);
  mkdirSync(dir, { recursive: true });
  try {
    writeFileSync(join(dir, 'go.mod'), goMod());
    // So that an interrupted build leaves no half of the programs.
    const scratch = `${bin}.new`;
    rmSync(scratch, { recursive: true, force: true });
    await runGoBuild(dir, scratch, commands);
    rmSync(bin, { recursive: true, force: true });
    renameSync(scratch, bin);
  } catch (error) {
    throw new CannotRun(`cannot build Kubernetes: ${reasonOf(error)}`);
  }
}

function isInstalled(name: string): boolean {
  return spawnSync('which', [name]).status === 0;
}

/** A module that requires Kubernetes, whose `replace` lines point to folders that only its repository has. */
function goMod(): string {
  const json = execFileSync(
    'go',
    ['mod', 'download', '-json', `k8s.io/kubernetes@v${KUBERNETES}`],
    {
      cwd: '/',
      encoding: 'utf8',
      stdio: 'pipe',
      timeout: DOWNLOAD_MS,
    },
  );
  const theirs = readFileSync((JSON.parse(json) as { GoMod: string }).GoMod, 'utf8');
  const staging = theirs.matchAll(/^\t(k8s\.io\/\S+) => \.\/staging\//gm);
  const version = KUBERNETES.replace(/^1\./, 'v0.');
  return [
    'module lastgood.dev/cluster',
    ...(theirs.match(/^(?:go|godebug) .*$/gm) ?? []),
    `require k8s.io/kubernetes v${KUBERNETES}`,
    ...[...staging].map(([, path]) => `replace ${path} => ${path} ${version}`),
    '',
  ].join('\n');
}

async function runGoBuild(dir: string, bin: string, commands: readonly string[]): Promise<void> {
  const [major, minor] = KUBERNETES.split('.');
  const values = { gitVersion: `v${KUBERNETES}`, gitMajor: major, gitMinor: minor };
  const stamps = Object.entries(values).map(
    ([name, value]) => `-X k8s.io/component-base/version.${name}=${value}`,
  );
  const flags = ['-o', `${bin}/`, '-ldflags', ['-s', '-w', ...stamps].join(' ')];
  const packages = commands.map((name) => `k8s.io/kubernetes/cmd/${name}`);
  await goBuild(dir, [...flags, ...packages], { GOFLAGS: '-mod=mod' });
}
