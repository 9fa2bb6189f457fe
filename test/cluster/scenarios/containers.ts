import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type Node, runCtr } from '../cluster.ts';
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
 * The working set of lastgood in a pod, as the kubelet counts it: memory without the pages of files that
 * the kernel can drop at once. `unknown` on a node that is out of reach.
 */
export async function describeMemory(pod: Pod): Promise<string> {
  const node = readNode();
  if (node === undefined) return 'working set unknown';
  const cgroup = `/sys/fs/cgroup/{memory/,}${basename(node.dir)}/**/${await readId(pod, 'lastgood')}`;
  const [dir = ''] = globSync(cgroup);
  const [file = ''] = globSync(join(dir, 'memory.{usage_in_bytes,current}'));
  const [, inactive] =
    /inactive_file (\d+)/.exec(readFileSync(join(dir, 'memory.stat'), 'utf8')) ?? [];
  const bytes = Number(readFileSync(file, 'utf8')) - Number(inactive);
  return `working set of lastgood ${Math.round(bytes / 2 ** 20)} MiB`;
}

async function readId(pod: Pod, name: string): Promise<string> {
  const { containerID = '' } = (await pod.container(name)) ?? {};
  return containerID.replace(/^.*:\/\//, '');
}
