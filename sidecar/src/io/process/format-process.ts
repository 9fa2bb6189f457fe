import { constants } from 'node:os';
import type { ProcessSettings } from '../../settings/settings.ts';
import type { Process } from './process-table.ts';

/** No list of processes in a message is longer. */
const MAX_SHOWN = 5;

/** Names come from the command line, which is the app's to choose. */
const MAX_NAME_LENGTH = 60;

/** Which process the settings mean, in their own words. */
export function formatSelector({ process, commandLine, pidFile, uid }: ProcessSettings): string {
  const pattern = commandLine === undefined ? undefined : `/${commandLine}/`;
  const what = process ?? pattern ?? `the process of ${pidFile}`;
  return uid === undefined ? what : `${what} of user ${uid}`;
}

/** `nginx (pid 7)`. Nothing of its arguments, which may hold a password (P8). */
export function formatProcess({ pid, names: [name = 'process'] }: Process): string {
  const short = name.length > MAX_NAME_LENGTH ? `${name.slice(0, MAX_NAME_LENGTH)}…` : name;
  return `${short.replace(/\p{Cc}/gu, '?')} (pid ${pid})`;
}

/** `nginx (pid 7), nginx (pid 9) and 3 more`. */
export function formatProcesses(processes: readonly Process[]): string {
  const shown = processes.slice(0, MAX_SHOWN).map(formatProcess).join(', ');
  const left = processes.length - MAX_SHOWN;
  return left > 0 ? `${shown} and ${left} more` : shown;
}

/** The number of a signal, and its name; real-time signals are shown by their number. */
export function signalOf(signal: NodeJS.Signals | number): { number: number; name: string } {
  const [name, number] = Object.entries(constants.signals).find(
    ([key, value]) => key === signal || value === signal,
  ) ?? [`signal ${signal}`, Number(signal)];
  return { name, number };
}
