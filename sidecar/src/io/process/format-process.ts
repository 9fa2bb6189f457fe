import { constants } from 'node:os';
import { truncate } from '@lastgood/core/model/truncate.ts';
import type { Process } from './process-table.ts';
import type { ProcessSelector } from './select-process.ts';

/** A message lists at most this many processes. */
const MAX_SHOWN = 5;

/** The selected process, in the words of the settings. */
export function formatSelector({ process, commandLine, pidFile, uid }: ProcessSelector): string {
  const pattern = commandLine === undefined ? undefined : `/${commandLine}/`;
  const what = process ?? pattern ?? `the process of ${pidFile}`;
  return uid === undefined ? what : `${what} of user ${uid}`;
}

/**
 * `nginx (pid 7)`. Never its arguments, which may contain a password (P8). The app chooses its name, so
 * that may be long.
 */
export function formatProcess({ pid, names: [name = 'process'] }: Process): string {
  return `${truncate(name).replace(/\p{Cc}/gu, '?')} (pid ${pid})`;
}

/** `nginx (pid 7), nginx (pid 9) and 3 more`. */
export function formatProcesses(processes: readonly Process[]): string {
  const shown = processes.slice(0, MAX_SHOWN).map(formatProcess).join(', ');
  const left = processes.length - MAX_SHOWN;
  return left > 0 ? `${shown} and ${left} more` : shown;
}

/** The number of a signal, and its name; a real-time signal is shown by its number. */
export function signalOf(signal: NodeJS.Signals | number): { number: number; name: string } {
  const [name, number] = Object.entries(constants.signals).find(
    ([key, value]) => key === signal || value === signal,
  ) ?? [`signal ${signal}`, Number(signal)];
  return { name, number };
}
