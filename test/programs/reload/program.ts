import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { TestContext } from 'node:test';
import { atEnd } from '../../at-end.ts';
import { DEADLINE_MS } from '../../deadline.ts';

/** A program that does not end by itself is killed after this. */
const GRACE_MS = DEADLINE_MS;

export interface Program {
  readonly pid: number;
  /** What it has written, for a test that failed. */
  readonly output: string;
  /** Null while it runs. */
  readonly ended: string | null;
  /** Ends it, by force only if that takes too long. Resolves with `ended`. */
  end(): Promise<string | null>;
}

export interface ProgramOptions {
  readonly command: readonly [string, ...string[]];
  /** Whether it works; asked again until it does not reject. */
  readonly ready: () => Promise<unknown>;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** The user it runs as, where the test is root. */
  readonly uid?: number;
}

/** Starts a program, waits until it works, and ends it after the test, whatever has happened. */
export async function startProgram(
  context: TestContext,
  { command, ready, env = {}, cwd, uid }: ProgramOptions,
): Promise<Program> {
  const [file, ...args] = command;
  const user = uid === undefined || process.getuid?.() !== 0 ? {} : { uid, gid: uid };
  const child = spawn(file, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    // In a separate group, to end the children of a program that was killed.
    detached: true,
    env: { PATH: process.env.PATH ?? '', HOME: '/', ...env },
    ...(cwd === undefined ? {} : { cwd }),
    ...user,
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => {
      output += chunk;
    });
  atEnd(context, () => endGroup(child));
  const program = {
    pid: child.pid ?? 0,
    get output() {
      return output;
    },
    async end() {
      await end(child);
      return program.ended;
    },
    get ended() {
      const { exitCode, signalCode } = child;
      return exitCode === null && signalCode === null ? null : `${exitCode ?? signalCode}`;
    },
  };
  await works(ready, program);
  return program;
}

async function works(ready: () => Promise<unknown>, program: Program): Promise<void> {
  const deadline = Date.now() + DEADLINE_MS;
  for (;;) {
    const failure = await ready().then(
      () => null,
      (error: unknown) => error,
    );
    if (failure === null) return;
    if (program.ended !== null || Date.now() > deadline)
      throw new Error(`it does not work: ${failure}\nended ${program.ended}\n${program.output}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function endGroup(child: ChildProcess): Promise<void> {
  await end(child);
  try {
    process.kill(-(child.pid ?? Number.NaN), 'SIGKILL');
  } catch {
    // The group is empty.
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill('SIGTERM');
  const kill = setTimeout(() => child.kill('SIGKILL'), GRACE_MS);
  await exit;
  clearTimeout(kill);
}
