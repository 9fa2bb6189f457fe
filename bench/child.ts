import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { BenchFailure } from './failure.ts';
import { Waiting } from './waiting.ts';

/** Shown when a process ends that should not. */
const KEPT_LINES = 10;
/** How long a process may take to end by itself. */
const END_WITHIN_MS = 3_000;

export interface ChildOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
}

/** A measured process in a separate process group, so that its children end with it. */
export class Child {
  readonly name: string;
  /** `performance.now()` just before it was spawned. */
  readonly spawnedAtMs: number;
  readonly #process: ChildProcess;
  readonly #waiting = new Waiting();
  readonly #listeners: ((line: string) => void)[] = [];
  #tail: string[] = [];
  #rest = '';

  constructor(name: string, { command, args, env = {} }: ChildOptions) {
    this.name = name;
    this.spawnedAtMs = performance.now();
    this.#process = spawn(command, args, {
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
    });
    for (const stream of [this.#process.stdout, this.#process.stderr])
      stream?.setEncoding('utf8').on('data', (text: string) => this.#heard(text));
    this.#process.on('error', (error) => this.#heard(`${error.message}\n`));
    this.#process.on('close', () => this.#waiting.wake());
  }

  get pid(): number {
    const { pid } = this.#process;
    if (pid === undefined) throw new BenchFailure(`${this.name} could not be started`);
    return pid;
  }

  get hasEnded(): boolean {
    const { exitCode, signalCode, pid } = this.#process;
    return pid === undefined || exitCode !== null || signalCode !== null;
  }

  get tail(): readonly string[] {
    return this.#tail;
  }

  onLine(listener: (line: string) => void): void {
    this.#listeners.push(listener);
  }

  /**
   * Waits until `look` returns a value. Calls it again after each output of the process.
   * Rejects with a `BenchFailure` when it ends, or at the deadline.
   */
  async until<T>(what: string, look: () => T | undefined, withinMs: number): Promise<T> {
    const found = await this.#waiting.until(() => look() ?? this.#lost(), withinMs);
    if (found === GONE) throw new BenchFailure(`${this.name} ended before ${what}`, this.#tail);
    if (found === undefined)
      throw new BenchFailure(`${this.name}: no ${what} within ${withinMs} ms`, this.#tail);
    return found;
  }

  /** Asks it to end, and makes it when it does not. */
  async stop(): Promise<void> {
    if (this.hasEnded) return;
    const ended = once(this.#process, 'exit');
    const late = setTimeout(() => this.killNow(), END_WITHIN_MS);
    this.#signal('SIGTERM');
    await ended;
    clearTimeout(late);
  }

  killNow(): void {
    if (!this.hasEnded) this.#signal('SIGKILL');
  }

  #signal(signal: NodeJS.Signals): void {
    try {
      process.kill(-this.pid, signal);
    } catch {
      // It was faster.
    }
  }

  #lost(): typeof GONE | undefined {
    return this.hasEnded ? GONE : undefined;
  }

  /** By hand: `readline` would cost this process more, in which the app waits for its request. */
  #heard(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    if (lines.length === 0) return;
    this.#tail = [...this.#tail, ...lines].slice(-KEPT_LINES);
    for (const line of lines) for (const listener of this.#listeners) listener(line);
    this.#waiting.wake();
  }
}

const GONE = Symbol('the process has ended');
