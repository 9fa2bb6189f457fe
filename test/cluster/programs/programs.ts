/** The programs of a Kubernetes node: Debian's, and Kubernetes itself, which Go builds from its modules. */
import { spawnSync } from 'node:child_process';
import { existsSync, globSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { reasonOf, unpackPackages } from '../../debian-packages.ts';
import { CannotRun } from '../cannot-run.ts';
import type { Report } from '../progress.ts';
import { buildKubernetes } from './kubernetes.ts';

/** What the cluster keeps between runs; git ignores it. */
export const CACHE_DIR = join(import.meta.dirname, '../../../node_modules/.lastgood-cluster');

const DEBIAN_DIR = join(CACHE_DIR, 'debian');
const KUBERNETES_DIR = join(CACHE_DIR, 'kubernetes');

/** Where the plugins of the pods' network are. */
export const NETWORK_PLUGINS = join(DEBIAN_DIR, 'usr/lib/cni');

/** The static BusyBox of the images. */
export const BUSYBOX = join(DEBIAN_DIR, 'bin/busybox');

const PACKAGES = ['etcd-server', 'containerd', 'runc', 'containernetworking-plugins', 'buildah'];

/**
 * Fetches and builds what is missing: minutes the first time, at once after that. Throws a
 * {@link CannotRun} if this machine cannot.
 */
export async function preparePrograms(report: Report): Promise<void> {
  const fault = machineFault();
  if (fault !== undefined) throw new CannotRun(fault);
  mkdirSync(CACHE_DIR, { recursive: true });
  if (!existsSync(DEBIAN_DIR)) {
    report('fetching etcd, containerd, runc and buildah from Debian once, about 60 MB');
    try {
      unpackPackages(DEBIAN_DIR, {
        withLibraries: [...PACKAGES, 'busybox-static'],
        alone: [],
        isNeeded: (name) => name.startsWith('lib'),
      });
    } catch (error) {
      throw new CannotRun(`cannot fetch Debian packages: ${reasonOf(error)}`);
    }
  }
  await buildKubernetes(KUBERNETES_DIR, report);
}

/** The environment in which a program finds the others, and its libraries. */
export function programEnvironment(): NodeJS.ProcessEnv {
  const folders = ['usr/bin', 'usr/sbin', 'bin', 'sbin'].map((name) => join(DEBIAN_DIR, name));
  const libraries = globSync('{usr/,}lib/*-linux-gnu*', { cwd: DEBIAN_DIR });
  return {
    ...process.env,
    PATH: [join(KUBERNETES_DIR, 'bin'), ...folders, process.env.PATH].join(':'),
    LD_LIBRARY_PATH: libraries.map((name) => join(DEBIAN_DIR, name)).join(':'),
  };
}

/** Why a cluster cannot run here; undefined if it can. */
function machineFault(): string | undefined {
  if (process.platform !== 'linux') return 'a node needs Linux';
  if (process.getuid?.() !== 0) return 'a node needs root';
  const needed = ['apt-get', 'dpkg-deb', 'cc', 'go', 'ip', 'openssl', 'unshare', 'nsenter'];
  const missing = needed.filter((name) => spawnSync('which', [name]).status !== 0);
  return missing.length === 0 ? undefined : `a node needs ${missing.join(', ')}: not found`;
}
