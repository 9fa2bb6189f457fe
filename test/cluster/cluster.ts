/** A cluster of one node on this machine, or the one that `KUBECONFIG` names. */
import { spawnSync } from 'node:child_process';
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DEADLINE_MS } from '../deadline.ts';
import { APP_IMAGE, buildImages, type ImageOptions, NODE_IMAGE } from './images/images.ts';
import { kubectl } from './kubectl.ts';
import { createCgroups, removeCgroups } from './node/cgroups.ts';
import { prepareControlPlane } from './node/control-plane.ts';
import {
  createNamespaces,
  type Daemon,
  endNamespaces,
  type Life,
  runInside,
  startDaemon,
} from './node/namespaces.ts';
import { createNetwork, removeNetwork } from './node/network.ts';
import { prepareNode } from './node/node.ts';
import { isOwnerDead, writeOwner } from './node/owner.ts';
import { buildProgram } from './programs/go-build.ts';
import { preparePrograms } from './programs/programs.ts';
import { PROMETHEUS_OPERATOR } from './programs/prometheus.ts';
import { type Report, withProgress } from './progress.ts';

/** What ends a cluster, and what tests need of it; plain data, to be kept in a file. */
export interface Cluster {
  readonly kubeconfig: string;
  /** Undefined for the cluster of `KUBECONFIG`. */
  readonly node?: Node;
}

/** A node of this machine. */
export interface Node {
  readonly dir: string;
  /** The process whose end ends all others. */
  readonly holder: number;
  readonly containerdSocket: string;
}

export interface StartOptions extends ImageOptions {
  /** It takes minutes to build the first time, so only for those who use it. */
  readonly withOperator?: boolean;
  /** Ends the start before its next step, with the reason of the signal. */
  readonly stop?: AbortSignal;
}

interface Start {
  readonly life: Life;
  readonly report: Report;
  readonly stop: AbortSignal | undefined;
}

const DIR_PREFIX = 'lastgood-cluster-';

/** The node starts within seconds on an idle machine. */
const START_WITHIN_MS = 5 * DEADLINE_MS;
const POLL_MS = 250;
const SHOWN_LINES = 5;

/**
 * Starts a cluster that has the images of lastgood and of the example app. Throws a `CannotRun` if this
 * machine cannot, and leaves nothing behind if it fails.
 */
export function startCluster(
  life: Life,
  report: Report,
  { stop, ...programs }: StartOptions = {},
): Promise<Cluster> {
  return withProgress(report, (each) => start({ life, report: each, stop }, programs));
}

async function start(
  asked: Start,
  { withOperator = false, ...images }: Omit<StartOptions, 'stop'>,
): Promise<Cluster> {
  const { report, stop } = asked;
  const external = externalCluster();
  if (external === undefined) {
    await preparePrograms(report);
    await removeDeadNodes();
  }
  if (withOperator) await buildProgram(PROMETHEUS_OPERATOR, report);
  stop?.throwIfAborted();
  const dir = mkdtempSync(join(tmpdir(), DIR_PREFIX));
  try {
    const archives = await buildImages(dir, report, images);
    stop?.throwIfAborted();
    if (external === undefined) return await startNode(dir, archives, asked);
    for (const archive of archives) external.load(archive);
    rmSync(dir, { recursive: true });
    return { kubeconfig: external.kubeconfig };
  } catch (error) {
    rmSync(dir, { recursive: true, force: true });
    throw error;
  }
}

/** Removes what runs have left that were killed. A node of a process that still runs stays. */
export async function removeDeadNodes(): Promise<void> {
  for (const dir of globSync(join(tmpdir(), `${DIR_PREFIX}*`)))
    if (isOwnerDead(dir)) await removeNode(dir, undefined);
}

/** Ends every process of the node, and removes its files, mounts and cgroups. */
export async function stopCluster({ node }: Cluster): Promise<void> {
  if (node !== undefined) await removeNode(node.dir, node.holder);
}

/** Whether the node still runs. */
export function isRunning({ node, kubeconfig }: Cluster): boolean {
  return node === undefined || kubectl(kubeconfig, ['get', '--raw', '/readyz']).status === 0;
}

/** A command for containerd's own client. */
export function runCtr(node: Node, args: readonly string[]): Promise<void> {
  const client = ['ctr', '--address', node.containerdSocket, '--namespace', 'k8s.io'];
  return runInside(node.holder, [...client, ...args]);
}

/** `KUBECONFIG` alone may name production: only with a way to load an image is that cluster used. */
function externalCluster() {
  const { KUBECONFIG: kubeconfig, LASTGOOD_CLUSTER_LOAD: command } = process.env;
  if (kubeconfig === undefined || command === undefined) return undefined;
  const load = (archive: string) => {
    const { status, stderr } = spawnSync(`${command} '${archive}'`, {
      shell: true,
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(`${command}: ${stderr.trim()}`);
  };
  return { kubeconfig, load };
}

async function startNode(
  dir: string,
  archives: readonly string[],
  { life, report, stop }: Start,
): Promise<Cluster> {
  const name = basename(dir);
  for (const each of ['log', 'pods', 'kubelet']) mkdirSync(join(dir, each));
  writeOwner(dir);
  createCgroups(name);
  let holder: number | undefined;
  try {
    const network = createNetwork(dir);
    const controlPlane = await prepareControlPlane(dir, network);
    const { kubeconfig } = controlPlane;
    const { containerd, kubelet, containerdSocket, snapshotter } = await prepareNode({
      dir,
      name,
      kubeconfig,
      network,
    });
    holder = await createNamespaces(dir, life);
    if (life === 'detached') writeOwner(dir, holder);
    report('starting the node');
    const inside = holder;
    const run = (command: readonly string[]) => startDaemon(dir, inside, command);
    const daemons = [...controlPlane.commands, containerd].map(run);
    const until = (what: string, isDone: () => boolean | Promise<boolean>) =>
      waitUntil(daemons, what, () => {
        stop?.throwIfAborted();
        return isDone();
      });
    const node = { dir, holder, containerdSocket };
    await until('containerd', () =>
      runCtr(node, ['version']).then(
        () => true,
        () => false,
      ),
    );
    daemons.push(run(kubelet));
    for (const archive of archives) {
      await runCtr(node, ['images', 'import', '--snapshotter', snapshotter, archive]);
      rmSync(archive);
    }
    await runCtr(node, ['images', 'tag', APP_IMAGE, NODE_IMAGE]);
    await until('the API server', () => isReady(kubeconfig, '/readyz'));
    daemons.push(...controlPlane.controllers.map(run));
    await until('the node', () => isNodeReady(kubeconfig));
    await until('the default service account', () => hasServiceAccount(kubeconfig));
    return { kubeconfig, node };
  } catch (error) {
    await removeNode(dir, holder);
    throw error;
  }
}

async function removeNode(dir: string, holder: number | undefined): Promise<void> {
  if (holder !== undefined) await endNamespaces(holder);
  await removeCgroups(basename(dir));
  removeNetwork(dir);
  rmSync(dir, { recursive: true, force: true });
  try {
    // Empty unless the machine is a node itself: what was in it was mounted.
    rmdirSync('/var/lib/kubelet');
  } catch {
    // It is in use, or gone.
  }
}

async function waitUntil(
  daemons: readonly Daemon[],
  what: string,
  isDone: () => boolean | Promise<boolean>,
): Promise<void> {
  const deadlineMs = performance.now() + START_WITHIN_MS;
  while (!(await isDone())) {
    const ended = daemons.find((daemon) => daemon.exitCode() !== undefined);
    if (ended !== undefined) throw new Error(`${ended.name} ended:\n${tailOf(ended)}`);
    if (performance.now() > deadlineMs)
      throw new Error(`${what} is not ready:\n${daemons.map(tailOf).join('\n')}`);
    await sleep(POLL_MS);
  }
}

function tailOf({ log }: Daemon): string {
  return readFileSync(log, 'utf8').trimEnd().split('\n').slice(-SHOWN_LINES).join('\n');
}

function isReady(kubeconfig: string, path: string): boolean {
  return kubectl(kubeconfig, ['get', '--raw', path]).stdout === 'ok';
}

/** Of the controllers, the one that no pod starts without. */
function hasServiceAccount(kubeconfig: string): boolean {
  return kubectl(kubeconfig, ['get', 'serviceaccount', 'default']).status === 0;
}

function isNodeReady(kubeconfig: string): boolean {
  const status = '{.items[*].status.conditions[?(@.type=="Ready")].status}';
  return kubectl(kubeconfig, ['get', 'nodes', '-o', `jsonpath=${status}`]).stdout === 'True';
}
