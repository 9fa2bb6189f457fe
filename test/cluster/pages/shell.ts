import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { programEnvironment } from '../programs/programs.ts';

export interface ShellResult {
  readonly status: number;
  /** Standard output and standard error, in the order in which they came. */
  readonly output: string;
}

/** A shell as that of a reader of a page, which keeps its variables and its directory between commands. */
export class Shell {
  readonly #dir: string;
  readonly #child: ChildProcess;
  /** Since the last command. */
  #output = '';
  #ended = false;
  #onChange = () => {};

  /** Starts it in `cwd`, with a home directory that is removed at the end. */
  constructor(cwd: string) {
    this.#dir = mkdtempSync(join(tmpdir(), 'lastgood-page-'));
    const { PATH } = programEnvironment();
    // Its processes are a group, so that one left in the background ends with it.
    this.#child = spawn('bash', ['--norc', '-O', 'expand_aliases'], {
      cwd,
      detached: true,
      env: { ...process.env, PATH, HOME: this.#dir },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.#child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      this.#output += chunk;
      this.#onChange();
    });
    this.#child.on('close', () => {
      this.#ended = true;
      this.#onChange();
    });
  }

  /** Runs commands as one block of a page. */
  async run(commands: string): Promise<ShellResult> {
    const file = join(this.#dir, '.block');
    writeFileSync(file, commands);
    const mark = `--- ${crypto.randomUUID()}`;
    this.#output = '';
    this.#child.stdin?.write(`. ${file} 2>&1 </dev/null; echo "${mark} $?"\n`);
    for (;;) {
      const [output = '', status] = this.#output.split(`${mark} `);
      if (status?.endsWith('\n')) return { status: Number(status), output };
      if (this.#ended) throw new Error(`the shell ended: ${this.#output}`);
      await new Promise<void>((resolve) => {
        this.#onChange = resolve;
      });
    }
  }

  async close(): Promise<void> {
    if (!this.#ended) {
      const ended = once(this.#child, 'close');
      process.kill(-(this.#child.pid ?? 0), 'SIGKILL');
      await ended;
    }
    rmSync(this.#dir, { recursive: true, force: true });
  }
}
