import { existsSync, globSync, readFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { parseStat } from '../../../sidecar/src/io/process/proc-stat.ts';
import { eventually } from '../api.ts';
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
  return readNumber(file) - readStat(dir, 'inactive_file');
}

/**
 * Memory without the pages of files, of which the kernel drops those in use too where memory is short. Who has
 * read them first has them, so that their number differs from run to run. Undefined on a node that is out of reach.
 */
export async function readMemory(pod: Pod): Promise<number | undefined> {
  const node = readNode();
  if (node === undefined) return undefined;
  const dir = await findCgroup(node, pod, 'memory');
  const [file = ''] = globSync(join(dir, 'memory.{usage_in_bytes,current}'));
  return readNumber(file) - readStat(dir, 'inactive_file') - readStat(dir, 'active_file');
}

function readNumber(file: string): number {
  return Number(readFileSync(file, 'utf8'));
}

function readStat(dir: string, name: string): number {
  const stat = readFileSync(join(dir, 'memory.stat'), 'utf8');
  return Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(stat)?.[1]);
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
  // A probe is in it too, and may have the smaller number.
  const starts = procs.trim().split('\n').map(readStartTicks);
  const started = Math.min(...(await Promise.all(starts)));
  const uptime = Number.parseFloat(await readFile('/proc/uptime', 'utf8'));
  return Date.now() - uptime * 1000 + started * 10;
}

/** In hundredths of a second since the machine was started; infinite for a process that has ended. */
async function readStartTicks(pid: string): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return parseStat(stat)?.startTicks ?? Number.POSITIVE_INFINITY;
}

/** The directory of lastgood's cgroup: in the hierarchy of the controller, or in the only one. */
async function findCgroup(node: Node, pod: Pod, controller: string): Promise<string> {
  const name = basename(node.dir);
  const id = await readId(pod, 'lastgood');
  const [dir] = globSync(`/sys/fs/cgroup/{${controller},}/${name}/**/${id}`);
  if (dir === undefined) throw new Error(`${pod.name} has no cgroup of ${controller}`);
  return dir;
}

/** The API server knows a container later than its log has lines. */
function readId(pod: Pod, name: string): Promise<string> {
  return eventually(`the id of ${name}`, async () => {
    const { containerID } = (await pod.container(name)) ?? {};
    return containerID?.replace(/^.*:\/\//, '') || undefined;
  });
}
