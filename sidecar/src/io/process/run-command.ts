import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, constants, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Clock } from '@lastgood/core/model/clock.ts';
import { reasonOf } from '@lastgood/core/model/error.ts';
import { kill, killOrphans, PROCESS_TAG } from './orphans.ts';
import { createOutput, type Output } from './output-buffer.ts';

/** How a command ended. */
export type Ending =
  | { readonly type: 'exited'; readonly code: number }
  | { readonly type: 'killed'; readonly signal: NodeJS.Signals }
  | { readonly type: 'too-slow' }
  | { readonly type: 'not-started'; readonly reason: string };

/** A command that has ended, and what it wrote to both of its outputs. */
export interface Ended {
  readonly ending: Ending;
  readonly output: string;
}

/** Where a command runs, and how its processes are known. */
export interface WorkingContext {
  /** The working directory, or a file in it: what a bundle with a volume of one file has. */
  readonly dir: string;
  /** `HOME` and `TMPDIR`. */
  readonly scratch: string;
  /**
   * What each of its processes carries in its environment, so that none outlives it. One that is an
   * absolute path also stands for whoever works below it.
   */
  readonly mark: string;
}

export interface CommandOptions {
  readonly timeoutMs: number;
  readonly clock: Clock;
  /** Beside the few variables that every command gets. */
  readonly env: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
}

/** From SIGTERM to SIGKILL. */
const GRACE_MS = 1_000;

/** A process that could not be found may hold the outputs open; nobody waits for it. */
const DRAIN_MS = 1_000;

/**
 * Runs a command without a shell, and with nothing of our environment but PATH. When it
 * has ended, so have all processes that it started, as far as `killOrphans` finds them. Rejects
 * with the signal's reason when it aborts, and then too all have ended.
 *
 * `node:child_process` alone: execa would add 100 KiB, and ends neither a process group nor what
 * left it.
 */
export async function runCommand(
  [program, ...args]: readonly [string, ...string[]],
  workplace: WorkingContext,
  options: CommandOptions,
): Promise<Ended> {
  const cwd = await directoryOf(workplace.dir);
  options.signal?.throwIfAborted();
  if (typeof cwd !== 'string') return cwd;
  let child: ChildProcess;
  try {
    child = spawn(program, args, {
      cwd,
      env: environmentOf(workplace, options),
      // In a session, and so a process group, of its own.
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  } catch (thrown) {
    return notStarted(thrown);
  }
  if (child.pid === undefined) return notStarted((await once(child, 'error'))[0]);
  const output = collect(child);
  const ending = await endOf(child, child.pid, workplace, options);
  options.signal?.throwIfAborted();
  return { ending, output: output.text() };
}

function environmentOf(
  { mark, scratch }: WorkingContext,
  { env }: CommandOptions,
): NodeJS.ProcessEnv {
  const { PATH = '/usr/local/bin:/usr/bin:/bin' } = process.env;
  return { ...env, PATH, HOME: scratch, TMPDIR: scratch, LANG: 'C.UTF-8', [PROCESS_TAG]: mark };
}

/** Looked at before: the error of `spawn` is the same as that for a program that is missing. */
async function directoryOf(path: string): Promise<string | Ended> {
  try {
    const dir = (await stat(path)).isDirectory() ? path : dirname(path);
    await access(dir, constants.X_OK);
    return dir;
  } catch (thrown) {
    return notStarted(`its working directory ${path} cannot be entered: ${reasonOf(thrown)}`);
  }
}

function notStarted(thrown: unknown): Ended {
  return { ending: { type: 'not-started', reason: reasonOf(thrown) }, output: '' };
}

/** A command with `{dir}` in any of its words replaced. */
export function withDir(
  [program, ...args]: readonly [string, ...string[]],
  dir: string,
): [string, ...string[]] {
  const filled = (word: string) => word.replaceAll('{dir}', () => dir);
  return [filled(program), ...args.map(filled)];
}

/** Both outputs as one, in the order in which they come. */
function collect({ stdout, stderr }: ChildProcess): Output {
  const output = createOutput();
  for (const stream of [stdout, stderr]) stream?.on('data', output.add);
  return output;
}

async function endOf(
  child: ChildProcess,
  pid: number,
  { mark }: WorkingContext,
  { timeoutMs, clock, signal }: CommandOptions,
): Promise<Ending> {
  const exited = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  const closed = once(child, 'close');
  // Once it was waited for, its number may become that of a stranger.
  const killGroup = (name: NodeJS.Signals) => {
    if (child.exitCode === null && child.signalCode === null) kill(-pid, name);
  };
  const cutOff = () => killGroup('SIGKILL');
  signal?.addEventListener('abort', cutOff);
  const isTooSlow = await takesLonger(exited, timeoutMs, clock);
  if (isTooSlow) {
    killGroup('SIGTERM');
    if (await takesLonger(exited, GRACE_MS, clock)) killGroup('SIGKILL');
  }
  const [code, killedBy] = await exited;
  signal?.removeEventListener('abort', cutOff);
  await killOrphans(mark, pid);
  await takesLonger(closed, DRAIN_MS, clock);
  for (const stream of [child.stdout, child.stderr]) stream?.destroy();
  if (isTooSlow) return { type: 'too-slow' };
  return killedBy === null
    ? { type: 'exited', code: code ?? 0 }
    : { type: 'killed', signal: killedBy };
}

async function takesLonger(end: Promise<unknown>, ms: number, clock: Clock): Promise<boolean> {
  const timer = new AbortController();
  const over = clock.sleep(ms, timer.signal).then(
    () => true,
    () => false,
  );
  try {
    return await Promise.race([end.then(() => false), over]);
  } finally {
    timer.abort();
  }
}
