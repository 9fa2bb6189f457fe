import { existsSync, globSync, readFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { type Node, runCtr } from '../cluster.ts';
import { mebibytes } from './figures.ts';
import type { Pod } from './pod.ts';

/** The node of these tests, which `run.ts` passes on; undefined for the cluster of `KUBECONFIG`. */
export function readNode(): Node | undefined {
  const { LASTGOOD_CLUSTER_NODE: node } = process.env;
  return node === undefined ? undefined : JSON.parse(node);
}

/** Ends the first process of a container with SIGKILL, as the kernel does when memory is short. */
export async function killContainer(node: Node, pod: Pod, name: string): Promise<void> {
  await runCtr(node, ['task', 'kill', '--signal', 'SIGKILL', await readId(pod, name)]);
}

/**
 * Leaves lastgood less memory than it has in use, until the kubelet starts it again. Version 2 of cgroups kills
 * it at once. Version 1 refuses such a limit, so this is the lowest that it takes, and the next page is one too many.
 */
export async function starveContainer(node: Node, pod: Pod): Promise<void> {
  const dir = await findCgroup(node, pod, 'memory');
  const max = join(dir, 'memory.max');
  if (existsSync(max)) return writeFile(max, '1M');
  const limit = join(dir, 'memory.limit_in_bytes');
  for (let mebibytes = 64; mebibytes > 0; mebibytes -= 1)
    try {
      await writeFile(limit, `${mebibytes}M`);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EBUSY') return;
      throw error;
    }
}

/** The working set of lastgood in a pod, for a diagnostic. */
export async function describeMemory(pod: Pod): Promise<string> {
  const bytes = await readWorkingSet(pod);
  return `working set of lastgood ${bytes === undefined ? 'unknown' : mebibytes(bytes)}`;
}

/**
 * As the kubelet counts it: memory without the pages of files that the kernel can drop at once.
 * Undefined on a node that is out of reach.
 */
export async function readWorkingSet(pod: Pod): Promise<number | undefined> {
  const node = readNode();
  if (node === undefined) return undefined;
  const dir = await findCgroup(node, pod, 'memory');
  const [file = ''] = globSync(join(dir, 'memory.{usage_in_bytes,current}'));
  const [, inactive] =
    /inactive_file (\d+)/.exec(readFileSync(join(dir, 'memory.stat'), 'utf8')) ?? [];
  return Number(readFileSync(file, 'utf8')) - Number(inactive);
}

/** The proportional share of the memory of lastgood's process: what each page costs, by how many have it. */
export async function readPss(node: Node, pod: Pod): Promise<number> {
  const procs = await readFile(join(await findCgroup(node, pod, 'memory'), 'cgroup.procs'), 'utf8');
  const sizes = procs.trim().split('\n').map(readPssOf);
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

async function readPssOf(pid: string): Promise<number> {
  const [, kibibytes] =
    /^Pss:\s+(\d+) kB/m.exec(await readFile(`/proc/${pid}/smaps_rollup`, 'utf8')) ?? [];
  return Number(kibibytes) * 1024;
}

/** The CPU time that lastgood has used since its start, in milliseconds. */
export async function readCpuMs(node: Node, pod: Pod): Promise<number> {
  const dir = await findCgroup(node, pod, 'cpuacct');
  if (existsSync(join(dir, 'cpuacct.usage')))
    return Number(await readFile(join(dir, 'cpuacct.usage'), 'utf8')) / 1e6;
  const [, microseconds] =
    /^usage_usec (\d+)/m.exec(await readFile(join(dir, 'cpu.stat'), 'utf8')) ?? [];
  return Number(microseconds) / 1e3;
}

/** When the first process of lastgood's container was started, in milliseconds, as `Date.now()` counts. */
export async function readStartMs(node: Node, pod: Pod): Promise<number> {
  const procs = await readFile(join(await findCgroup(node, pod, 'memory'), 'cgroup.procs'), 'utf8');
  const pid = Math.min(...procs.trim().split('\n').map(Number));
  const first = await readFile(`/proc/${pid}/stat`, 'utf8');
  // The 22nd field, of which the second may contain blanks, in hundredths of a second since the machine was started.
  const started = Number(first.slice(first.lastIndexOf(')') + 2).split(' ')[19]);
  const uptime = Number.parseFloat(await readFile('/proc/uptime', 'utf8'));
  return Date.now() - uptime * 1000 + started * 10;
}

/** The directory of lastgood's cgroup: in the hierarchy of the controller, or in the only one. */
async function findCgroup(node: Node, pod: Pod, controller: string): Promise<string> {
  const name = basename(node.dir);
  const id = await readId(pod, 'lastgood');
  const [dir] = globSync(`/sys/fs/cgroup/{${controller},}/${name}/**/${id}`);
  if (dir === undefined) throw new Error(`${pod.name} has no cgroup of ${controller}`);
  return dir;
}

async function readId(pod: Pod, name: string): Promise<string> {
  const { containerID = '' } = (await pod.container(name)) ?? {};
  return containerID.replace(/^.*:\/\//, '');
}
