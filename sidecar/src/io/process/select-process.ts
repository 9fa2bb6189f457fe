import type { Clock } from '@lastgood/core/model/clock.ts';
import type { ProcessSettings } from '../../settings/settings.ts';
import { isStale, type PidFile, readPidFile } from './pid-file.ts';
import { listProcesses, type Process, type ProcessId } from './process-table.ts';

/** The processes that the settings mean, or why they are not clear. */
export type Choice =
  | ({ readonly type: 'chosen' } & Found)
  /** Several trees, each with a topmost process that matches, and not all of them are meant. */
  | ({ readonly type: 'ambiguous' } & Found)
  | { readonly type: 'absent'; readonly reason: string }
  /** Nothing can be seen but our own container. */
  | { readonly type: 'alone' }
  | { readonly type: 'unreadable'; readonly reason: string };

interface Found {
  readonly processes: readonly [Process, ...Process[]];
  /** All that match: the workers as well. */
  readonly matches: readonly Process[];
}

export interface ChooseOptions {
  readonly clock: Pick<Clock, 'wallMs'>;
  /** These are passed over, and what they have started may be topmost. */
  readonly except?: readonly ProcessId[];
}

/**
 * Looks for the processes that are meant: of those that match, the ones with no ancestor that
 * matches, so a master and not its workers; with `all`, every one. Never ourselves, nor what we run
 * under or have started, nor the pause process of the pod. Never rejects.
 */
export async function chooseProcesses(
  settings: ProcessSettings,
  { clock, except = [] }: ChooseOptions,
): Promise<Choice> {
  const { pidFile, all } = settings;
  const file = pidFile === undefined ? undefined : await readPidFile(pidFile);
  if (file !== undefined && file.type !== 'pid') return file;
  const table = await listProcesses();
  const parents: Parents = new Map(table.map(({ pid, parent }) => [pid, parent]));
  const family = familyOf(process.pid, parents);
  const isMeant = matcherOf(settings, file);
  const matches = table.filter(
    (one) =>
      isMeant(one) &&
      !family.own.has(one.pid) &&
      !isPause(one) &&
      !except.some((other) => isSame(one, other)),
  );
  const processes = all ? matches : topmostOf(matches, parents);
  const [first, ...others] = processes;
  if (first === undefined) return nothingIn(table, family, isMeant);
  const isNamed = (settings.process ?? settings.commandLine) !== undefined;
  if (file !== undefined && !isNamed && isStale(first, file.writtenAtMs, clock))
    return { type: 'absent', reason: `process ${first.pid} started after ${pidFile} was written` };
  const isClear = all || others.length === 0;
  return { type: isClear ? 'chosen' : 'ambiguous', processes: [first, ...others], matches };
}

/**
 * As {@link chooseProcesses}, but with `all` it is the topmost of each tree: for whoever ends or
 * watches an app as a whole, and leaves its workers to it.
 */
export async function chooseTopmost(
  settings: ProcessSettings,
  options: ChooseOptions,
): Promise<Choice> {
  const choice = await chooseProcesses({ ...settings, all: false }, options);
  return settings.all && choice.type === 'ambiguous' ? { ...choice, type: 'chosen' } : choice;
}

/** The ones that have no ancestor among them, however many processes stand in between. */
function topmostOf(matches: readonly Process[], parents: Parents): readonly Process[] {
  const pids = new Set(matches.map(({ pid }) => pid));
  return matches.filter(({ pid }) => !ancestorsOf(pid, parents).some((one) => pids.has(one)));
}

/** Whether both are the same process, and not only the same number. */
export function isSame(one: ProcessId, other: ProcessId): boolean {
  return one.pid === other.pid && one.startTicks === other.startTicks;
}

function matcherOf(
  { process: name, commandLine, uid }: ProcessSettings,
  file: (PidFile & { type: 'pid' }) | undefined,
): (process: Process) => boolean {
  const pattern = commandLine === undefined ? undefined : new RegExp(commandLine, 'u');
  return (process) =>
    (name === undefined || process.names.includes(name)) &&
    (pattern === undefined || pattern.test(process.argv.join(' '))) &&
    (uid === undefined || process.uid === uid) &&
    (file === undefined || process.pid === file.pid);
}

/** From each process to its parent. */
type Parents = ReadonlyMap<number, number>;

interface Family {
  readonly above: readonly number[];
  /** We, what we run under (tini, a shell), and the commands that we have started. */
  readonly own: ReadonlySet<number>;
}

function familyOf(self: number, parents: Parents): Family {
  const above = ancestorsOf(self, parents);
  const below = [...parents.keys()].filter((pid) => ancestorsOf(pid, parents).includes(self));
  return { above, own: new Set([self, ...above, ...below]) };
}

function ancestorsOf(pid: number, parents: Parents): readonly number[] {
  const found: number[] = [];
  let parent = parents.get(pid);
  // The table was not read at one moment, so a number that passed on could make a ring of it.
  while (parent !== undefined && parent !== 0 && !found.includes(parent)) {
    found.push(parent);
    parent = parents.get(parent);
  }
  return found;
}

/** It holds the namespaces of the pod. Sources: the images pause of Kubernetes, catatonit of Podman. */
function isPause({ pid, argv: [program = '', first] }: Process): boolean {
  if (program === '/pause' || (program.endsWith('/catatonit') && first === '-P')) return true;
  return pid === 1 && (program === 'pause' || program.endsWith('/pause'));
}

function nothingIn(
  table: readonly Process[],
  { above, own }: Family,
  isMeant: (process: Process) => boolean,
): Choice {
  if (table.some((one) => above.includes(one.pid) && isMeant(one) && !isPause(one)))
    return { type: 'absent', reason: 'only a process that lastgood itself runs under matches' };
  // In a shared namespace the first process is the pod's pause process.
  if (process.pid === 1 || table.every(({ pid }) => own.has(pid))) return { type: 'alone' };
  return { type: 'absent', reason: 'no process matches' };
}
