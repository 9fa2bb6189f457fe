import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ChildOptions } from '../../bench/child.ts';
import { ContainerLimits } from '../../bench/container-limits.ts';
import { buildImageFiles } from '../../bench/image-files.ts';
import { launchOf } from '../../bench/sidecar.ts';
import { compileLauncher } from './launcher.ts';
import { Pod } from './pod.ts';

/** Commands in the container of a running sidecar (`kubectl exec`) must not end it (P9). */

/** Of the pod in docs and examples. */
const LIMIT_MIB = 64;

/**
 * The kubelet gives all processes of a container with a small memory request this score, so the kernel
 * ends the largest first. Source: kubelet pkg/kubelet/qos/policy.go
 */
const AS_IN_A_POD = 'echo 999 >/proc/self/oom_score_adj; exec "$0" "$@"';

interface Ended {
  readonly code: number | null;
  readonly said: string;
}

interface Container {
  readonly pod: Pod;
  /** What the sidecar used at the end of its start, before it is at rest. */
  readonly startedKib: number;
  /** Runs a command in the container. */
  readonly exec: (...args: readonly string[]) => Promise<Ended>;
  /** The same as `node lastgood.js`. */
  readonly execNode: (...args: readonly string[]) => Promise<Ended>;
}

async function container(context: TestContext): Promise<Container> {
  const pod = await Pod.create(context);
  await pod.write({ 'config.yaml': 'a: 1\n' });
  const home = join(pod.dir, 'image');
  const built = await buildImageFiles(home);
  const { env, flags } = launchOf(built);
  // Where this machine lets a memory limit be set, what goes beyond it is ended by the kernel.
  const limit = ContainerLimits.create(LIMIT_MIB);
  const inside = (program: readonly string[]): ChildOptions => {
    const plain = { command: 'sh', args: ['-c', AS_IN_A_POD, ...program] };
    return limit?.applied(plain) ?? plain;
  };
  const direct = (args: readonly string[]) => inside([process.execPath, ...flags, built, ...args]);
  context.after(async () => {
    await pod.kill();
    limit?.remove();
  });
  const { command, args } = direct([]);
  const PATH = `${dirname(process.execPath)}:${process.env.PATH}`;
  const options = { env: { ...process.env, ...env, PATH } };
  pod.start({ program: [command, ...args], ...options });
  await pod.outcome('committed');
  const startedKib = await memoryOf(pod);
  // The `lastgood` of the image.
  const wrapper = join(pod.dir, 'lastgood');
  compileLauncher(wrapper, home);
  const run = async (child: ChildOptions): Promise<Ended> => {
    const started = spawn(child.command, child.args, { ...options, cwd: pod.dir });
    const said = Promise.all([text(started.stdout), text(started.stderr)]);
    const [code] = (await once(started, 'close')) as [number | null];
    return { code, said: (await said).join('') };
  };
  return {
    pod,
    startedKib,
    exec: (...argv) => run(inside([wrapper, ...argv])),
    execNode: (...argv) => run(direct(argv)),
  };
}

const REFUSED = /another command runs in this container|MiB of memory left/;

async function assertRollsOut(pod: Pod, content: string): Promise<void> {
  const since = pod.lines.length;
  await pod.write({ 'config.yaml': content });
  await pod.outcome('committed', since);
  assert.equal((await pod.page('/healthz')).text, 'ok\n');
}

/** The memory of the sidecar without its files, in KiB. */
async function memoryOf(pod: Pod): Promise<number> {
  const status = await readFile(`/proc/${pod.pid}/status`, 'utf8');
  return Number(/^RssAnon:\s+(\d+) kB$/m.exec(status)?.[1]);
}

/** After a while without a rollout, the sidecar gives back the memory of its start. */
async function untilAtRest({ pod, startedKib }: Container): Promise<void> {
  while ((await memoryOf(pod)) > startedKib - 2 * 1024) await sleep(100);
}

test('P9: validate checks a usual file beside the sidecar', async (context) => {
  const started = await container(context);
  const { pod, exec } = started;
  await untilAtRest(started);
  assert.deepEqual(await exec('validate', pod.source), { code: 0, said: '1 file is good\n' });
  await assertRollsOut(pod, 'a: 2\n');
});

test('P9: commands with a large file, two at a time and however started, do not end the sidecar', async (context) => {
  const started = await container(context);
  const { pod, exec, execNode } = started;
  const { pid } = pod;
  await writeFile(join(pod.dir, 'large.yaml'), `list: [${'1,'.repeat(300_000)}1]\n`);
  await untilAtRest(started);
  await exec('validate', 'large.yaml');
  await assertRollsOut(pod, 'a: 2\n');
  // The sidecar is not at rest: it holds what its last rollout used.
  for (const [index, start] of [exec, execNode, exec, execNode, execNode, execNode].entries()) {
    const startBoth = async () => {
      const both = [start('validate', 'large.yaml'), execNode('validate', 'large.yaml')];
      return (await Promise.all(both)).map((each) => each.said).join('');
    };
    // On a busy machine, one may end before the other looks.
    while (!REFUSED.test(await startBoth())) assert.equal(pod.pid, pid);
    await assertRollsOut(pod, `a: ${index + 3}\n`);
  }
  assert.equal(pod.pid, pid);
});
