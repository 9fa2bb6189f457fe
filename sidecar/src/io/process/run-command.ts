import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, constants, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { StringDecoder } from 'node:string_decoder';
import { type Clock, endsWithin } from '@lastgood/core/model/clock.ts';
import { reasonOf } from '@lastgood/core/model/error.ts';
import { kill, killOrphans, PROCESS_TAG } from './orphans.ts';

/** How a command ended. */
export type Ending =
  | { readonly type: 'exited'; readonly code: number }
  | { readonly type: 'killed'; readonly signal: NodeJS.Signals }
  | { readonly type: 'too-slow' }
  | { readonly type: 'not-started'; readonly reason: string };

/** A command that has ended; `output` is both of its outputs. */
export interface Ended {
  readonly ending: Ending;
  readonly output: string;
}

/** Where a command runs, and how its processes are recognized. */
export interface WorkingContext {
  /** The working directory, or a file in it, as a bundle with a volume of one file has. */
  readonly dir: string;
  /** `HOME` and `TMPDIR`. */
  readonly scratch: string;
  /** Marks the processes of the command, so that none outlives it: see `killOrphans`. */
  readonly mark: string;
}

export interface CommandOptions {
  readonly timeoutMs: number;
  readonly clock: Clock;
  /** Added to the few variables that every command gets. */
  readonly env: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
}

/** How much of the beginning and of the end of a long output is kept. */
const HEAD_BYTES = 8 * 2 ** 10;
const TAIL_BYTES = 8 * 2 ** 10;

/** Between SIGTERM and SIGKILL. */
const GRACE_MS = 1_000;

/** A process that was not found may keep the outputs open, and is not waited for. */
const DRAIN_MS = 1_000;

/**
 * Runs a command without a shell, and without our environment except PATH. When it returns or rejects,
 * all processes that the command started have ended too, as far as `killOrphans` finds them. Rejects
 * with the signal's reason when that aborts.
 *
 * Not execa: it would add 100 KiB, and ends neither a process group nor what left it.
 */
export async function runCommand(
  [program, ...args]: readonly [string, ...string[]],
  context: WorkingContext,
  options: CommandOptions,
): Promise<Ended> {
  const cwd = await directoryOf(context.dir);
  options.signal?.throwIfAborted();
  if (typeof cwd !== 'string') return cwd;
  const { PATH = '/usr/local/bin:/usr/bin:/bin' } = process.env;
  const { scratch, mark } = context;
  const env = { ...options.env, PATH, HOME: scratch, TMPDIR: scratch, LANG: 'C.UTF-8' };
  let child: ChildProcess;
  try {
    child = spawn(program, args, {
      cwd,
      env: { ...env, [PROCESS_TAG]: mark },
      // Makes a new session, and so a new process group.
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  } catch (thrown) {
    return notStarted(thrown);
  }
  if (child.pid === undefined) return notStarted((await once(child, 'error'))[0]);
  const output = createOutput();
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', output.add);
  const ending = await endOf(child, child.pid, context, options);
  options.signal?.throwIfAborted();
  return { ending, output: output.text() };
}

/** Checked first: `spawn` has the same error for a missing directory and a missing program. */
async function directoryOf(path: string): Promise<string | Ended> {
  try {
    const dir = (await stat(path)).isDirectory() ? path : dirname(path);
    await access(dir, constants.X_OK);
    return dir;
  } catch (thrown) {
    return notStarted(`cannot enter its working directory ${path}: ${reasonOf(thrown)}`);
  }
}

function notStarted(thrown: unknown): Ended {
  return { ending: { type: 'not-started', reason: reasonOf(thrown) }, output: '' };
}

/** Replaces `{dir}` in every word of a command. */
export function withDir(
  [program, ...args]: readonly [string, ...string[]],
  dir: string,
): [string, ...string[]] {
  const replace = (word: string) => word.replaceAll('{dir}', () => dir);
  return [replace(program), ...args.map(replace)];
}

async function endOf(
  child: ChildProcess,
  pid: number,
  { mark }: WorkingContext,
  { timeoutMs, clock, signal }: CommandOptions,
): Promise<Ending> {
  const exited = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  const closed = once(child, 'close');
  // After the child is reaped, its PID may be reused.
  const killGroup = (name: NodeJS.Signals) => {
    if (child.exitCode === null && child.signalCode === null) kill(-pid, name);
  };
  const killNow = () => killGroup('SIGKILL');
  signal?.addEventListener('abort', killNow);
  const isTimedOut = !(await endsWithin(exited, timeoutMs, clock));
  if (isTimedOut) {
    killGroup('SIGTERM');
    if (!(await endsWithin(exited, GRACE_MS, clock))) killGroup('SIGKILL');
  }
  const [code, killedBy] = await exited;
  signal?.removeEventListener('abort', killNow);
  await killOrphans(mark, pid);
  await endsWithin(closed, DRAIN_MS, clock);
  for (const stream of [child.stdout, child.stderr]) stream?.destroy();
  if (isTimedOut) return { type: 'too-slow' };
  return killedBy === null
    ? { type: 'exited', code: code ?? 0 }
    : { type: 'killed', signal: killedBy };
}

/**
 * Collects what a command writes, in bounded memory. The text is UTF-8, where anything else becomes
 * U+FFFD, and leaves out a line that was cut, unless it is the only one.
 */
export function createOutput() {
  const head = Buffer.alloc(HEAD_BYTES);
  let headBytes = 0;
  let tail: Buffer = Buffer.alloc(0);
  let isCut = false;
  return {
    add: (chunk: Buffer) => {
      const copied = chunk.copy(head, headBytes);
      headBytes += copied;
      const rest = chunk.subarray(copied);
      isCut ||= tail.length + rest.length > TAIL_BYTES;
      // Always a copy: a slice would keep the whole chunk in memory.
      tail = Buffer.concat([tail, rest.subarray(-TAIL_BYTES)]);
      if (tail.length > TAIL_BYTES) tail = Buffer.from(tail.subarray(-TAIL_BYTES));
    },
    text: () => {
      const start = head.subarray(0, headBytes);
      if (!isCut) return Buffer.concat([start, tail]).toString();
      return `${wholeLinesOf(start)}…\n${lastLinesOf(tail)}`;
    },
  };
}

function wholeLinesOf(bytes: Buffer): string {
  const lineEnd = bytes.lastIndexOf('\n') + 1;
  // Drops a character that is cut.
  if (lineEnd === 0) return new StringDecoder().write(bytes);
  return bytes.toString('utf8', 0, lineEnd);
}

function lastLinesOf(bytes: Buffer): string {
  const lineStart = bytes.indexOf('\n') + 1;
  if (lineStart > 0 && lineStart < bytes.length) return bytes.toString('utf8', lineStart);
  // Skips the rest of a character that is cut. Source: RFC 3629, 3.
  const start = bytes.findIndex((byte) => (byte & 0b1100_0000) !== 0b1000_0000);
  return bytes.toString('utf8', start);
}
