import { mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ChildOptions } from './child.ts';

/** Control groups of version 1; with version 2, setting a limit needs more than a directory. */
const CONTROLLERS = '/sys/fs/cgroup';

/** As Kubernetes sets it; a quota is at least 1 ms, so less than 10m needs a longer one. */
const PERIOD_MS = 100;
const LONG_PERIOD_MS = 1_000;

let count = 0;

/** Limits as a container has them: what goes beyond that of memory is ended by the kernel. */
export class ContainerLimits {
  readonly #memory: string;
  readonly #cpu: string;

  private constructor() {
    count += 1;
    const name = `lastgood-bench-${process.pid}-${count}`;
    this.#memory = join(CONTROLLERS, 'memory', name);
    this.#cpu = join(CONTROLLERS, 'cpu', name);
  }

  /** CPU as in a manifest, in thousandths. Undefined where this machine does not let one be set. */
  static create(memoryMib: number, cpuMillis?: number): ContainerLimits | undefined {
    const limits = new ContainerLimits();
    try {
      for (const dir of [limits.#memory, limits.#cpu]) mkdirSync(dir);
      writeFileSync(join(limits.#memory, 'memory.limit_in_bytes'), String(memoryMib * 2 ** 20));
      if (cpuMillis !== undefined) limits.limitCpu(cpuMillis);
      return limits;
    } catch {
      limits.remove();
      return undefined;
    }
  }

  limitCpu(millis: number): void {
    const periodMs = millis < 10 ? LONG_PERIOD_MS : PERIOD_MS;
    writeFileSync(join(this.#cpu, 'cpu.cfs_period_us'), String(periodMs * 1_000));
    writeFileSync(join(this.#cpu, 'cpu.cfs_quota_us'), String(millis * periodMs));
  }

  /** A command that puts itself under the limits and then executes the given one. */
  applied({ command, args, ...rest }: ChildOptions): ChildOptions {
    const script =
      'echo $$ > "$0/cgroup.procs" && echo $$ > "$1/cgroup.procs" && shift && exec "$@"';
    return {
      command: 'sh',
      args: ['-c', script, this.#memory, this.#cpu, command, ...args],
      ...rest,
    };
  }

  remove(): void {
    for (const dir of [this.#memory, this.#cpu])
      try {
        rmdirSync(dir);
      } catch {
        // A process in it has not quite ended, or it is removed already. Empty, it does no harm.
      }
  }
}
