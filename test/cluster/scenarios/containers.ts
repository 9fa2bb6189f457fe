import { globSync, readFileSync } from 'node:fs';
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
