import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DEADLINE_MS } from '../../deadline.ts';

/** What a new cpuset must be given before a process can join it. */
const CPUSET_FILES = ['cpuset.cpus', 'cpuset.mems'];

/** Creates a cgroup for the pods in each hierarchy, so that they can be removed as one. */
export function createCgroups(name: string): void {
  for (const hierarchy of listHierarchies()) {
    const dir = join(hierarchy, name);
    mkdirSync(dir, { recursive: true });
    for (const file of CPUSET_FILES.filter((each) => existsSync(join(dir, each))))
      writeFileSync(join(dir, file), readFileSync(join(hierarchy, file)));
    const controllers = join(dir, 'cgroup.controllers');
    if (!existsSync(controllers)) continue;
    const names = readFileSync(controllers, 'utf8').trim().split(' ').filter(Boolean);
    writeFileSync(join(dir, 'cgroup.subtree_control'), names.map((each) => `+${each}`).join(' '));
  }
}

/** Removes them, once their processes have ended. */
export async function removeCgroups(name: string): Promise<void> {
  for (const hierarchy of listHierarchies()) await removeCgroup(join(hierarchy, name));
}

async function removeCgroup(dir: string): Promise<void> {
  if (!existsSync(dir)) return;
  for (const entry of readdirSync(dir, { withFileTypes: true }))
    if (entry.isDirectory()) await removeCgroup(join(dir, entry.name));
  const deadlineMs = performance.now() + DEADLINE_MS;
  // The kernel keeps a cgroup busy for a moment after its last process has ended.
  while (isBusy(dir) && performance.now() < deadlineMs) await sleep(20);
}

function isBusy(dir: string): boolean {
  try {
    rmdirSync(dir);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EBUSY';
  }
}

/** The mounts of cgroup v1, one for each controller, and that of v2. */
function listHierarchies(): readonly string[] {
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8');
  return [...mounts.matchAll(/^\S+ \S+ \S+ \S+ (\S+) .* - cgroup2? /gm)].map(([, dir = '']) => dir);
}
