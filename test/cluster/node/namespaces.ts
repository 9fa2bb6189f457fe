import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { DEADLINE_MS } from '../../deadline.ts';
import { programEnvironment } from '../programs/programs.ts';

/** What the kubelet and the network plugins set on every node. A pod of the tests does not need it. */
const KERNEL_SETTINGS = [
  ...['vm/overcommit_memory', 'vm/panic_on_oom', 'kernel/panic', 'kernel/panic_on_oops'],
  ...['kernel/keys/root_maxkeys', 'kernel/keys/root_maxbytes', 'net/ipv4/ip_forward'],
];

/**
 * Runs first in the namespaces. It hides the directories whose paths containerd and the kubelet cannot
 * change, and gives them copies of the kernel's settings, so that nothing on this machine changes. At
 * its end the kernel ends all other processes of the namespaces and removes their mounts.
 */
const FIRST_PROCESS = `
set -e
exec 3<&0
for dir in /run /var/log /var/lib/kubelet; do mkdir -p $dir; mount -t tmpfs tmpfs $dir; done
mkdir -p /run/netns "$1/sys"
for name in ${KERNEL_SETTINGS.join(' ')}; do
  mkdir -p "$1/sys/$(dirname $name)"
  cat /proc/sys/$name > "$1/sys/$name"
  mount --bind "$1/sys/$name" /proc/sys/$name
done
touch "$1/namespaces-ready"
# The shell reaps what containers leave behind, as it waits.
if [ "$2" = tied ]; then cat <&3 >/dev/null & else sleep infinity & fi
wait
`;

/**
 * Whether the namespaces end with the process that created them, or stay until {@link endNamespaces}.
 */
export type Life = 'tied' | 'detached';

/** Creates namespaces for mounts and processes; resolves with the id of the process that holds them. */
export async function createNamespaces(dir: string, life: Life): Promise<number> {
  const log = openSync(join(dir, 'namespaces.log'), 'a');
  const flags = [
    ...['--mount', '--propagation=slave', '--pid', '--fork', '--mount-proc', '--kill-child'],
  ];
  const holder = spawn('unshare', [...flags, 'sh', '-c', FIRST_PROCESS, 'sh', dir, life], {
    detached: true,
    stdio: [life === 'tied' ? 'pipe' : 'ignore', log, log],
  });
  closeSync(log);
  await once(holder, 'spawn');
  holder.unref();
  // The pipe stays open as long as this process lives, but does not keep it alive.
  (holder.stdin as { unref?: () => void } | null)?.unref?.();
  const pid = holder.pid ?? 0;
  const deadlineMs = performance.now() + DEADLINE_MS;
  while (!existsSync(join(dir, 'namespaces-ready'))) {
    if (holder.exitCode !== null || performance.now() > deadlineMs)
      throw new Error(`no namespaces: ${readFileSync(join(dir, 'namespaces.log'), 'utf8')}`);
    await sleep(20);
  }
  return pid;
}

/** Ends all processes in the namespaces, by the one that holds them, and waits until they are gone. */
export async function endNamespaces(pid: number): Promise<void> {
  const first = readFirstProcess(pid);
  for (const each of [pid, first])
    if (each !== undefined && isOurs(each)) process.kill(each, 'SIGKILL');
  while ([pid, first].some((each) => each !== undefined && isOurs(each))) await sleep(50);
}

/** A daemon in the namespaces, with its output in `log/NAME.log`. */
export interface Daemon {
  readonly name: string;
  readonly log: string;
  /** Undefined while it runs. */
  readonly exitCode: () => number | undefined;
}

export function startDaemon(dir: string, holder: number, command: readonly string[]): Daemon {
  const name = (command[0] ?? '').split('/').at(-1) ?? '';
  const log = join(dir, 'log', `${name}.log`);
  const output = openSync(log, 'a');
  const child = spawn('nsenter', [...enter(holder), ...command], {
    detached: true,
    env: programEnvironment(),
    stdio: ['ignore', output, output],
  });
  closeSync(output);
  child.unref();
  return { name, log, exitCode: () => child.exitCode ?? undefined };
}

/** Runs a program in the namespaces. Rejects if it fails. */
export async function runInside(holder: number, command: readonly string[]): Promise<void> {
  await promisify(execFile)('nsenter', [...enter(holder), ...command], {
    env: programEnvironment(),
  });
}

function enter(holder: number): readonly string[] {
  const of = `/proc/${holder}/ns`;
  return [`--mount=${of}/mnt`, `--pid=${of}/pid_for_children`, '--'];
}

function readFirstProcess(holder: number): number | undefined {
  try {
    const children = readFileSync(`/proc/${holder}/task/${holder}/children`, 'utf8');
    return Number.parseInt(children, 10) || undefined;
  } catch {
    return undefined;
  }
}

/** Whether the process is still there, and not another one with its id. */
function isOurs(pid: number): boolean {
  try {
    const [, state] = /\) (\S)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? [];
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
    return state !== 'Z' && command.includes('namespaces-ready');
  } catch {
    return false;
  }
}
