import { mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ChildOptions } from './child.ts';

/** The memory controller of version 1; with version 2, setting a limit needs more than a directory. */
const CONTROLLER = '/sys/fs/cgroup/memory';

/** A memory limit as a container has it: what goes beyond is ended by the kernel. */
export class MemoryLimit {
  readonly #dir: string;

  private constructor(dir: string) {
    this.#dir = dir;
  }

  /** Undefined where this machine does not let one be set. */
  static create(sizeMib: number): MemoryLimit | undefined {
    const dir = join(CONTROLLER, `lastgood-bench-${process.pid}-${sizeMib}`);
    try {
      mkdirSync(dir);
      writeFileSync(join(dir, 'memory.limit_in_bytes'), String(sizeMib * 2 ** 20));
      return new MemoryLimit(dir);
    } catch {
      return undefined;
    }
  }

  /** A command that puts itself under the limit and then executes the given one. */
  applied({ command, args, ...rest }: ChildOptions): ChildOptions {
    const script = 'echo $$ > "$0/cgroup.procs" && exec "$@"';
    return { command: 'sh', args: ['-c', script, this.#dir, command, ...args], ...rest };
  }

  remove(): void {
    try {
      rmdirSync(this.#dir);
    } catch {
      // A process in it has not quite ended, or it is removed already. Empty, it does no harm.
    }
  }
}
