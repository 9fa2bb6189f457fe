import { type ChildProcess, spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { createInterface } from 'node:readline';
import { DEADLINE_MS } from '../deadline.ts';
import { DemoFailure } from './failure.ts';

/** How long a process may take to end by itself. */
const END_WITHIN_MS = 10_000;
/** Lines that are kept of one process, for waits and for what is shown when something fails. */
const MAX_LINES = 2_000;
const SHOWN_LINES = 10;

interface ChildOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly command?: string;
}

/** A program as a real process, whose lines on both streams are kept and waited for. */
export class Child {
  readonly name: string;
  readonly #process: ChildProcess;
  readonly #lines: string[] = [];
  readonly #news = new EventEmitter();
  #dropped = 0;
  #phase: 'running' | 'ended' = 'running';

  /** A program of Node, or another one that `command` names. */
  constructor(name: string, args: readonly string[], { env, command }: ChildOptions = {}) {
    this.name = name;
    this.#process = spawn(command ?? process.execPath, args, {
      // In a separate group: a Ctrl-C is for the demo, which then ends its processes in order.
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env,
    });
    for (const input of [this.#process.stdout, this.#process.stderr])
      if (input !== null) createInterface({ input }).on('line', (line) => this.#keep(line));
    this.#process.on('error', (error) => {
      this.#keep(error.message);
      // One that could not even be started never closes.
      if (this.#process.pid === undefined) this.#close();
    });
    this.#process.on('close', () => this.#close());
  }

  /** The place after the newest line, for {@link find} to look from there on. */
  get mark(): number {
    return this.#dropped + this.#lines.length;
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  get hasEnded(): boolean {
    return this.#phase === 'ended';
  }

  /** Null while it runs, and when a signal ended it. */
  get exitCode(): number | null {
    return this.#process.exitCode;
  }

  /** Resolves when the process is gone and its last line has been read. */
  async ended(): Promise<void> {
    while (!this.hasEnded) await once(this.#news, 'news');
  }

  /** Calls back for every line from now on. */
  onLine(listener: (line: string) => void): void {
    this.#news.on('line', listener);
  }

  /** The lines since a mark. */
  since(mark: number): readonly string[] {
    return this.#lines.slice(Math.max(0, mark - this.#dropped));
  }

  /**
   * The first thing that `match` finds in a line since the mark, waiting for the line if need be.
   * Rejects with a {@link DemoFailure} after the deadline, or when the process ends without it.
   */
  async find<T>(
    what: string,
    match: (line: string) => T | undefined,
    { from = 0 }: { readonly from?: number } = {},
  ): Promise<T> {
    const deadline = AbortSignal.timeout(DEADLINE_MS);
    for (let next = from; ; ) {
      for (const line of this.since(next)) {
        const found = match(line);
        if (found !== undefined) return found;
      }
      next = this.mark;
      if (this.hasEnded) throw new DemoFailure(`${this.name} ended before ${what}`);
      await once(this.#news, 'news', { signal: deadline }).catch(() => {
        throw new DemoFailure(`waited ${DEADLINE_MS / 1_000} s in vain for ${what}`);
      });
    }
  }

  /** The newest lines, to explain a failure. */
  get tail(): readonly string[] {
    return this.#lines.slice(-SHOWN_LINES);
  }

  signal(signal: NodeJS.Signals): void {
    this.#process.kill(signal);
  }

  /** Ends it at once, with no chance to tidy up, and resolves when it is gone. */
  async kill(): Promise<void> {
    this.#process.kill('SIGKILL');
    await this.ended();
  }

  /** Asks it to end, and makes it when it does not. */
  async stop(): Promise<void> {
    const late = setTimeout(() => this.#process.kill('SIGKILL'), END_WITHIN_MS);
    this.#process.kill('SIGTERM');
    await this.ended();
    clearTimeout(late);
  }

  /** For an exit handler, which cannot wait. */
  killNow(): void {
    if (!this.hasEnded) this.#process.kill('SIGKILL');
  }

  #close(): void {
    this.#phase = 'ended';
    this.#news.emit('news');
  }

  #keep(line: string): void {
    this.#lines.push(line);
    if (this.#lines.length > MAX_LINES) this.#dropped += this.#lines.splice(0, 1).length;
    this.#news.emit('line', line);
    this.#news.emit('news');
  }
}
