import { constants } from 'node:os';
import { findingOf } from '@lastgood/core/model/error.ts';
import type { Finding } from '@lastgood/core/model/finding.ts';
import {
  dispositionOf,
  formatProcess,
  isAlive,
  isSame,
  type Process,
  type ProcessId,
} from '../../io/process/process-table.ts';
import { formatSelector, selectProcesses } from '../../io/process/select-process.ts';
import type { SignalSettings } from '../../settings/settings.ts';
import { checkOf, checkPermission, explainNotSelected, fault, send } from './process-results.ts';
import { type Delivery, deliveryOf, type Target } from './target.ts';

/** The processes that a partly failed attempt has signalled; the next attempt leaves them out. */
interface Signalled {
  readonly rollout: string;
  readonly version: string;
  readonly processes: ProcessId[];
}

/** Sends the app a signal, and only to a process that catches it (P9). Source: docs/targets.md. */
export function createSignal(settings: SignalSettings): Target {
  const signal = signalOf(settings.signal);
  const name = `signal ${signal.name} to ${formatSelector(settings)}`;
  const means = { name, signal, sendUnchecked: settings.sendUnchecked };
  let signalled: Signalled | undefined;
  return {
    kind: 'signal',
    name,
    deliver: async (event) => {
      const selection = await selectProcesses(settings);
      if (selection.type !== 'selected') return explainNotSelected(name, selection);
      if (signalled?.rollout !== event.rollout || signalled.version !== event.version)
        signalled = { ...event, processes: [] };
      const { processes: done } = signalled;
      const left = selection.processes.filter((one) => !done.some((other) => isSame(one, other)));
      const delivery = signalAll(left, { ...means, done });
      if (delivery.answer === 'accepted') signalled = undefined;
      return delivery;
    },
    check: async () =>
      checkOf(name, await selectProcesses(settings), (found) => checkProcesses(found, means)),
  };
}

type Signal = ReturnType<typeof signalOf>;

interface Means {
  /** Of the target. */
  readonly name: string;
  readonly signal: Signal;
  /** The user accepts that the process may not catch it, where the system does not show that. */
  readonly sendUnchecked: boolean;
}

/** A real-time signal is shown by its number. */
function signalOf(signal: NodeJS.Signals | number) {
  const [name, number] = Object.entries(constants.signals).find(
    ([key, value]) => key === signal || value === signal,
  ) ?? [`signal ${signal}`, Number(signal)];
  return { name, number };
}

/**
 * Checks all processes before it signals the first one, and adds those that it signals to `done`.
 * There is no await between the checks and the signals, and each start time is compared just before,
 * so that only a few microseconds are left in which a number could be reused.
 */
function signalAll(
  processes: readonly Process[],
  { done, ...means }: Means & { readonly done: ProcessId[] },
): Delivery {
  const { name, signal } = means;
  const alive = processes.filter(isAlive);
  const findings = checkProcesses(alive, means);
  if (findings.length > 0) return fault(findings);
  for (const one of alive) if (isAlive(one) && send(one, signal.number) === 'sent') done.push(one);
  return done.length > 0
    ? deliveryOf(name, 'accepted', '')
    : deliveryOf(name, 'absent', 'it has just ended');
}

/** Why one of them must not get the signal. */
function checkProcesses(processes: readonly Process[], means: Means): readonly Finding[] {
  return [
    ...processes.flatMap((one) => checkHandler(one, means)),
    ...checkPermission(means.name, processes),
  ];
}

function checkHandler(process: Process, { name, signal, sendUnchecked }: Means): Finding[] {
  const disposition = dispositionOf(process.pid, signal.number);
  if (disposition === 'caught' || disposition === undefined) return [];
  const shown = formatProcess(process);
  if (disposition === 'unknown')
    return sendUnchecked ? [] : [findingOf('LG_DELIVER_SIGNAL_UNKNOWN', [name, shown])];
  const outcome = OUTCOMES[signal.name] ?? 'would be killed by it';
  const why = disposition === 'ignored' ? 'ignores it' : `does not catch it and ${outcome}`;
  return [findingOf('LG_DELIVER_SIGNAL_UNCAUGHT', [name, `${shown} ${why}`])];
}

const UNNOTICED = 'would not notice it';
const STOPPED = 'would be stopped by it';

/** What these do to a process that does not catch them; all others kill it. Source: signal(7). */
const OUTCOMES: Readonly<Record<string, string>> = {
  SIGCHLD: UNNOTICED,
  SIGCONT: UNNOTICED,
  SIGURG: UNNOTICED,
  SIGWINCH: UNNOTICED,
  SIGTSTP: STOPPED,
  SIGTTIN: STOPPED,
  SIGTTOU: STOPPED,
};
