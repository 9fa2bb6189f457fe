import { existsSync, mkdirSync, mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from './app.ts';
import { Child, type ChildOptions } from './child.ts';
import { ContainerLimits } from './container-limits.ts';
import { BenchFailure } from './failure.ts';
import type { Plan } from './plan.ts';
import { commandOf, type Launch, launchOf, Sidecar, type SidecarOptions } from './sidecar.ts';

/** Source: statfs(2), TMPFS_MAGIC. */
const TMPFS = 0x01021994;
const MEMORY = '/dev/shm';

export interface WorkbenchOptions {
  readonly plan: Plan;
  /** The built sidecar. */
  readonly sidecar: string;
  /** An earlier build of it, to compare with. */
  readonly before?: string | undefined;
  readonly say: (line: string) => void;
}

/** What all measurements share: directories, the app, and every process that has to be ended. */
export class Workbench {
  readonly plan: Plan;
  readonly sidecarFile: string;
  readonly app: App;
  readonly say: (line: string) => void;
  /** What is broken, as opposed to slow. */
  readonly problems: string[] = [];
  readonly #children: Child[] = [];
  readonly #undo: (() => void)[] = [];
  readonly #memory: string;
  readonly #disk: string | undefined;
  #phase: 'open' | 'closed' = 'open';
  #count = 0;

  private constructor({ plan, sidecar, say }: WorkbenchOptions, app: App) {
    this.plan = plan;
    this.sidecarFile = sidecar;
    this.say = say;
    this.app = app;
    this.#memory = mkdtempSync(join(MEMORY, 'lastgood-bench-'));
    const disk = [tmpdir(), '/var/tmp'].find((dir) => existsSync(dir) && !isInMemory(dir));
    this.#disk = disk === undefined ? undefined : mkdtempSync(join(disk, 'lastgood-bench-'));
    // The last resort, should the bench itself have a defect: nothing may be left behind.
    process.on('exit', () => this.#sweep());
  }

  static async open(options: WorkbenchOptions): Promise<Workbench> {
    if (!existsSync(MEMORY) || !isInMemory(MEMORY))
      throw new BenchFailure(`the bench needs Linux with a tmpfs at ${MEMORY}`);
    for (const file of [options.sidecar, options.before])
      if (file !== undefined && !existsSync(file))
        throw new BenchFailure(`${file} is missing; npm run build makes it`);
    return new Workbench(options, await App.start());
  }

  get hasDisk(): boolean {
    return this.#disk !== undefined;
  }

  /** A new directory, in memory by default. */
  directory(name: string, where: 'memory' | 'disk' = 'memory'): string {
    const base = where === 'disk' ? this.#disk : this.#memory;
    if (base === undefined) throw new BenchFailure('there is no directory on a disk');
    this.#count += 1;
    const dir = join(base, `${this.#count}-${name}`);
    mkdirSync(dir);
    return dir;
  }

  start(name: string, options: ChildOptions): Child {
    if (this.#phase === 'closed') throw new BenchFailure('the bench is over');
    const child = new Child(name, options);
    this.#children.push(child);
    return child;
  }

  /** Spawns the built sidecar, with the flags of its first line by default. */
  async sidecar(
    options: SidecarOptions,
    launch?: Launch,
    limit?: ContainerLimits,
  ): Promise<Sidecar> {
    const { file = this.sidecarFile } = options;
    const command = await commandOf(file, options, launch ?? launchOf(file));
    return new Sidecar(this.start('lastgood', limit?.applied(command) ?? command));
  }

  /** Limits as a container has them; undefined where this machine does not let them be set. */
  containerLimits(memoryMib: number, cpuMillis?: number): ContainerLimits | undefined {
    const limit = ContainerLimits.create(memoryMib, cpuMillis);
    if (limit !== undefined) this.#undo.push(() => limit.remove());
    return limit;
  }

  async close(): Promise<void> {
    this.#phase = 'closed';
    this.app.stop();
    await Promise.all(this.#children.map((child) => child.stop()));
    this.#sweep();
  }

  #sweep(): void {
    for (const child of this.#children) child.killNow();
    for (const undo of this.#undo) undo();
    for (const dir of [this.#memory, this.#disk])
      if (dir !== undefined) rmSync(dir, { recursive: true, force: true });
  }
}

function isInMemory(dir: string): boolean {
  return statfsSync(dir).type === TMPFS;
}
