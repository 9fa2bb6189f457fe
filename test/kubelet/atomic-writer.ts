import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { cleanPath, topOf, withParents } from './projected-path.ts';
import { canChown, makeVolumeRoot, setVolumeOwnership } from './volume-ownership.ts';

/** One file of a volume. */
export interface ProjectedFile {
  readonly bytes: Buffer | string;
  /** Permission bits; 0o644 when left out. */
  readonly mode?: number;
  /** The owner, where the kubelet sets one (tokens); applied only when root runs this. */
  readonly uid?: number;
}

/** The files of a volume by path: `config.yaml`, `model/config.yaml`. */
export type Payload = Readonly<Record<string, ProjectedFile>>;

/** `new`: links to new names after the swap. `old`: before it. */
export type WriteOrder = 'new' | 'old';

/**
 * What one update of a volume does, step by step, as today's kubelet orders it. {@link stepsOf} gives
 * the order of either kubelet.
 */
export const WRITE_STEPS = [
  'make-directory',
  'write-files',
  'set-ownership',
  'link-data-tmp',
  'rename-data',
  'link-names',
  'unlink-names',
  'remove-old-directory',
] as const;

export type WriteStep = (typeof WRITE_STEPS)[number];

// The old kubelet also set the group only after the swap: for a moment a reader may be locked out.
const OLD_STEPS = [
  'make-directory',
  'write-files',
  'link-names',
  'link-data-tmp',
  'rename-data',
  'unlink-names',
  'remove-old-directory',
  'set-ownership',
] as const satisfies readonly WriteStep[];

/** The steps of one update in the order of that kubelet; `onStep` sees exactly these. */
export function stepsOf(order: WriteOrder): readonly WriteStep[] {
  return order === 'new' ? WRITE_STEPS : OLD_STEPS;
}

export interface AtomicWriterOptions {
  /** Default `new`. */
  readonly order?: WriteOrder;
  /** The pod's `securityContext.fsGroup`. */
  readonly fsGroup?: number;
  readonly now?: () => Date;
  /** As `Math.random`: at least 0, below 1. */
  readonly random?: () => number;
  /**
   * Called before each step and awaited, so that a test can hold the kubelet between any two. When
   * it throws, the update stops there with nothing tidied up, as a crash of the kubelet would.
   */
  readonly onStep?: (step: WriteStep) => void | Promise<void>;
}

/** One update under way. */
interface Update {
  readonly payload: Map<string, ProjectedFile>;
  /** Top-level names that are gone from the volume. */
  readonly goneNames: readonly string[];
  readonly oldDirectory: string | undefined;
  newDirectory: string;
}

const DATA = '..data';
const DATA_TMP = '..data_tmp';
const DEFAULT_MODE = 0o644;
const MAX_NAME_ATTEMPTS = 10_000;

/**
 * Writes a volume as the kubelet does, system call for system call. Calls of `write` must not
 * overlap. Source: kubelet pkg/volume/util/atomic_writer.go.
 */
export class AtomicWriter {
  readonly #dir: string;
  readonly #options: AtomicWriterOptions;
  readonly #steps: Record<WriteStep, (update: Update) => void> = {
    'make-directory': (update) => this.#makeDirectory(update),
    'write-files': (update) => this.#writeFiles(update),
    'set-ownership': () => this.#setOwnership(),
    'link-data-tmp': (update) => this.#linkDataTmp(update),
    'rename-data': () => renameSync(join(this.#dir, DATA_TMP), join(this.#dir, DATA)),
    'link-names': (update) => this.#linkNames(update),
    'unlink-names': (update) => this.#unlinkNames(update),
    'remove-old-directory': (update) => this.#removeOldDirectory(update),
  };

  /** `dir` is the root of the volume; it is made when it is missing. */
  constructor(dir: string, options: AtomicWriterOptions = {}) {
    this.#dir = dir;
    this.#options = options;
    makeVolumeRoot(dir, options.fsGroup);
  }

  /**
   * Updates the volume; false when it already holds this content. Without `onStep` everything is
   * done when the call returns. Rejects with a `VolumeRefusal` for a path that the kubelet refuses,
   * and with the system's error where the real one fails too: a leftover `..data_tmp` (EEXIST), a
   * file that became a directory (ENOTDIR).
   */
  async write(payload: Payload): Promise<boolean> {
    const { order = 'new', onStep } = this.#options;
    const update = this.#plan(payload);
    if (update === undefined) return false;
    for (const step of stepsOf(order)) {
      if (onStep !== undefined) await onStep(step);
      this.#steps[step](update);
    }
    return true;
  }

  /** What is to do; undefined when the content is the same and no path is gone. */
  #plan(given: Payload): Update | undefined {
    const payload = new Map(Object.entries(given).map(([path, file]) => [cleanPath(path), file]));
    const oldDirectory = this.#currentDirectory();
    const gone = oldDirectory === undefined ? [] : this.#gonePaths(payload, oldDirectory);
    const goneNames = gone.filter((path) => path === topOf(path));
    const update = { payload, goneNames, oldDirectory, newDirectory: '' };
    const same = oldDirectory !== undefined && gone.length === 0;
    if (!same || !this.#holds(payload, oldDirectory)) return update;
    this.#repair(update);
    return undefined;
  }

  /** What each kubelet puts right on a sync that changes nothing, after a crash half-way. */
  #repair(update: Update): void {
    if (this.#options.order === 'old') this.#setOwnership();
    else this.#linkNames(update);
  }

  #currentDirectory(): string | undefined {
    return orMissing(() => readlinkSync(join(this.#dir, DATA)));
  }

  #gonePaths(payload: Map<string, ProjectedFile>, oldDirectory: string): string[] {
    const wanted = new Set([...payload.keys()].flatMap(withParents));
    const root = join(this.#dir, oldDirectory);
    // Not a walk through links: the kubelet's own does not follow them either.
    const held = orMissing(() => readdirSync(root, { recursive: true, encoding: 'utf8' })) ?? [];
    return held.filter((path) => !wanted.has(path));
  }

  #holds(payload: Map<string, ProjectedFile>, oldDirectory: string): boolean {
    return [...payload].every(([path, { bytes }]) => {
      const file = join(this.#dir, oldDirectory, path);
      if (orMissing(() => lstatSync(file)) === undefined) return false;
      return readFileSync(file).equals(Buffer.from(bytes));
    });
  }

  #makeDirectory(update: Update): void {
    const { now = () => new Date(), random = Math.random } = this.#options;
    const time = now().toISOString().slice(0, 19).replace(/[-:T]/g, '_');
    for (let attempt = 0; attempt < MAX_NAME_ATTEMPTS; attempt += 1) {
      update.newDirectory = `..${time}.${Math.floor(random() * 2 ** 32)}`;
      if (makeIfAbsent(join(this.#dir, update.newDirectory))) return;
    }
    throw new Error(`${this.#dir}: no free name for a directory of ${time}`);
  }

  #writeFiles({ payload, newDirectory }: Update): void {
    for (const [path, { bytes, mode = DEFAULT_MODE, uid }] of payload) {
      const file = join(this.#dir, newDirectory, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, bytes, { mode });
      // Once more, since the umask narrowed the mode of the new file.
      chmodSync(file, mode);
      if (uid !== undefined && canChown()) chownSync(file, uid, lstatSync(file).gid);
    }
  }

  #setOwnership(): void {
    const { fsGroup } = this.#options;
    if (fsGroup !== undefined) setVolumeOwnership(this.#dir, fsGroup);
  }

  #linkDataTmp({ newDirectory }: Update): void {
    try {
      symlinkSync(newDirectory, join(this.#dir, DATA_TMP));
    } catch (error) {
      rmSync(join(this.#dir, newDirectory), { recursive: true });
      throw error;
    }
  }

  #linkNames({ payload }: Update): void {
    for (const name of new Set([...payload.keys()].map(topOf))) {
      const link = join(this.#dir, name);
      if (orMissing(() => readlinkSync(link)) === undefined) symlinkSync(join(DATA, name), link);
    }
  }

  #unlinkNames({ goneNames }: Update): void {
    for (const name of goneNames) unlinkSync(join(this.#dir, name));
  }

  #removeOldDirectory({ oldDirectory }: Update): void {
    if (oldDirectory !== undefined) rmSync(join(this.#dir, oldDirectory), { recursive: true });
  }
}

function makeIfAbsent(dir: string): boolean {
  try {
    mkdirSync(dir, { mode: 0o700 });
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
  chmodSync(dir, 0o755);
  return true;
}

/** The answer of a system call, or undefined where there is no such file. */
function orMissing<T>(call: () => T): T | undefined {
  try {
    return call();
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
}
