import { AtomicWriter, type Payload } from '../../test/kubelet/atomic-writer.ts';
import { contentsOf } from './contents.ts';

/** One swap: which content it brought, and when. */
export interface Swap {
  readonly generation: number;
  /** `performance.now()` just before `..data` was renamed. */
  readonly atMs: number;
}

/** A volume with the kubelet's stand-in; each swap brings the next generation. */
export class Volume {
  readonly dir: string;
  readonly #writer: AtomicWriter;
  readonly #contentsOf: (generation: number) => Payload;
  #generation = 0;
  #renamedAtMs = 0;

  private constructor(dir: string, contents: (generation: number) => Payload) {
    this.dir = dir;
    this.#contentsOf = contents;
    // Returns no promise, so only microtasks come between the steps: nothing else of this process
    // runs from here to the end of the write, and no request can be seen before its swap.
    const onStep = (step: string) => {
      if (step === 'rename-data') this.#renamedAtMs = performance.now();
    };
    this.#writer = new AtomicWriter(dir, { onStep });
  }

  /** Makes the volume with its first generation in it. */
  static async create(dir: string, contents = contentsOf): Promise<Volume> {
    const volume = new Volume(dir, contents);
    await volume.swap();
    return volume;
  }

  async swap(): Promise<Swap> {
    this.#generation += 1;
    const generation = this.#generation;
    await this.#writer.write(this.#contentsOf(generation));
    return { generation, atMs: this.#renamedAtMs };
  }
}
