import { isLastgood, isPause, seesOnlyItsContainer } from './own-processes.ts';
import { isMeant, type NoPidFile, type PidFile, readPidFile } from './pid-file.ts';
import {
  formatProcess,
  isSame,
  listProcesses,
  type Process,
  type ProcessId,
} from './process-table.ts';
import { matchWithTimeout, TIMED_OUT } from './run-with-timeout.ts';

/** The usual expression takes microseconds; this is for a backtracking one. */
const MATCH_MS = 100;

/** So many that take longer end the selection: nothing else of the sidecar runs meanwhile, not even probes. */
const MAX_TIMED_OUT = 5;

const TOO_SLOW = 'commandLine takes too long to match: write it without nested repeats';

/** Which process is meant: at least one of the first three is set, and all that are set must match. */
export interface ProcessSelector {
  /** Base name of the executable, or of the script that an interpreter runs. */
  readonly process: string | undefined;
  /** A regular expression that must match the command line, its arguments joined by spaces. */
  readonly commandLine: string | undefined;
  readonly pidFile: string | undefined;
  /** The real user ID. */
  readonly uid: number | undefined;
  /** Every process that matches, and not only the topmost of each tree. */
  readonly all: boolean;
}

/** The selected processes, or why the selection is not clear. */
export type Selection =
  | ({ readonly type: 'selected' } & Matches)
  /** Several trees, each with a topmost process that matches, and `all` is not set. */
  | ({ readonly type: 'ambiguous' } & Matches)
  /** Only the processes of this container are visible. */
  | { readonly type: 'not-visible' }
  | NoPidFile;

/** Why no process was selected. */
export type NotSelected = Exclude<Selection, { type: 'selected' }>;

interface Matches {
  readonly processes: readonly [Process, ...Process[]];
  /** All that match, including the workers. */
  readonly matches: readonly Process[];
}

export interface SelectOptions {
  /** These do not match, and a process that they started may be topmost. */
  readonly except?: readonly ProcessId[];
}

/** The selected process, in the words of the settings. */
export function formatSelector({ process, commandLine, pidFile, uid }: ProcessSelector): string {
  const pattern = commandLine === undefined ? undefined : `/${commandLine}/`;
  const what = process ?? pattern ?? `the process of ${pidFile}`;
  return uid === undefined ? what : `${what} of user ${uid}`;
}

/**
 * Selects, of the processes that match, those without an ancestor that matches, so a master and not
 * its workers; with `all`, every one. Never this process, its ancestors and descendants, another lastgood,
 * nor the pause process of the pod. Never rejects.
 */
export async function selectProcesses(
  selector: ProcessSelector,
  { except = [] }: SelectOptions = {},
): Promise<Selection> {
  const { pidFile, all } = selector;
  const file = pidFile === undefined ? undefined : await readPidFile(pidFile);
  if (file !== undefined && 'reason' in file) return file;
  const table = await listProcesses();
  const parents: Parents = new Map(table.map(({ pid, parent }) => [pid, parent]));
  const ancestors = ancestorsOf(process.pid, parents);
  const descendants = [...parents.keys()].filter((pid) =>
    ancestorsOf(pid, parents).includes(process.pid),
  );
  // This process, tini or a shell that it runs under, and the commands that it has started.
  const own = new Set([
    process.pid,
    ...ancestors,
    ...descendants,
    ...table.filter((one) => isLastgood(one)).map(({ pid }) => pid),
  ]);
  const fitting = findFitting(table, selector, file);
  if (fitting === undefined) return { type: 'unreadable', reason: TOO_SLOW };
  const matches = fitting.filter(
    (one) => !own.has(one.pid) && !isPause(one) && !except.some((other) => isSame(one, other)),
  );
  // With a name as well, a number that was reused does not match.
  const isNamed = (selector.process ?? selector.commandLine) !== undefined;
  const writer = table.find(({ pid }) => pid === file?.pid);
  const isReused = file !== undefined && !isNamed && !(await isMeant(file, writer));
  const [first, ...others] = all ? matches : topmostOf(matches, parents);
  if (first === undefined) {
    const why = explainNoMatch(table, ancestors, own, fitting);
    if (!('reason' in why)) return why;
    const others = table.filter(({ pid }) => !own.has(pid));
    return { ...why, reason: why.reason + mentionHidden(selector, others) };
  }
  if (isReused) {
    const reason = `process ${first.pid} is another one than when ${pidFile} was written`;
    return { type: 'absent', reason };
  }
  const isClear = all || others.length === 0;
  return { type: isClear ? 'selected' : 'ambiguous', processes: [first, ...others], matches };
}

/** As `selectProcesses`, but `all` selects each topmost process: to end or watch a whole app. */
export async function selectTopmost(
  selector: ProcessSelector,
  options?: SelectOptions,
): Promise<Selection> {
  const selection = await selectProcesses({ ...selector, all: false }, options);
  return selector.all && selection.type === 'ambiguous'
    ? { ...selection, type: 'selected' }
    : selection;
}

/** Those without an ancestor among them, however many processes are in between. */
function topmostOf(matches: readonly Process[], parents: Parents): readonly Process[] {
  const pids = new Set(matches.map(({ pid }) => pid));
  return matches.filter(({ pid }) => !ancestorsOf(pid, parents).some((one) => pids.has(one)));
}

/**
 * Those that fit the selector; undefined if that takes too long in all. A user that the system does not
 * show may be the right one.
 */
function findFitting(
  table: readonly Process[],
  { process: name, commandLine, uid }: ProcessSelector,
  file: PidFile | undefined,
): readonly Process[] | undefined {
  const named = table.filter(
    (one) =>
      (name === undefined || one.names.includes(name)) &&
      (uid === undefined || one.uid === undefined || one.uid === uid) &&
      (file === undefined || one.pid === file.pid),
  );
  return commandLine === undefined ? named : matchCommandLines(named, commandLine);
}

/**
 * Those whose command line matches; undefined if that takes too long in all. Any process of the pod
 * chooses its own command line, so an expression that backtracks is interrupted: that process then does
 * not match.
 */
export function matchCommandLines(
  processes: readonly Process[],
  commandLine: string,
): readonly Process[] | undefined {
  const pattern = new RegExp(commandLine, 'u');
  const matching: Process[] = [];
  let timedOut = 0;
  for (const one of processes) {
    if (timedOut === MAX_TIMED_OUT) return undefined;
    const isMatch = matchWithTimeout(pattern, one.argv.join(' '), MATCH_MS);
    if (isMatch === TIMED_OUT) timedOut += 1;
    else if (isMatch) matching.push(one);
  }
  return matching;
}

/** From each process to its parent. */
type Parents = ReadonlyMap<number, number>;

function ancestorsOf(pid: number, parents: Parents): readonly number[] {
  const found: number[] = [];
  let parent = parents.get(pid);
  // The table was not read at one moment, so a reused number could make it circular.
  while (parent !== undefined && parent !== 0 && !found.includes(parent)) {
    found.push(parent);
    parent = parents.get(parent);
  }
  return found;
}

function explainNoMatch(
  table: readonly Process[],
  ancestors: readonly number[],
  own: ReadonlySet<number>,
  fitting: readonly Process[],
): NoPidFile | { readonly type: 'not-visible' } {
  if (fitting.some((one) => ancestors.includes(one.pid) && !isPause(one)))
    return {
      type: 'absent',
      reason: 'the only match is a process that lastgood itself runs under',
    };
  if (seesOnlyItsContainer(table) || table.every(({ pid }) => own.has(pid)))
    return { type: 'not-visible' };
  return { type: 'absent', reason: 'no process matches' };
}

/** What a name may be missing for: the executables of other users cannot be seen. */
function mentionHidden({ process: name }: ProcessSelector, others: readonly Process[]): string {
  const [first, ...more] = others.filter(({ isHidden }) => isHidden);
  if (name === undefined || first === undefined) return '';
  const shown = more.length === 0 ? '' : ` and ${more.length} more`;
  return `; lastgood cannot see the executable of ${formatProcess(first)}${shown}`;
}
