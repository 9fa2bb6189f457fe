import { constants } from 'node:os';
import type { Clock } from '@lastgood/core/model/clock.ts';
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
import { checkPermission, explainNotSelected, fault, send } from './process-results.ts';
import { type Delivery, deliveryOf, type Target } from './target.ts';

/** The processes that a partly failed attempt has signalled; the next attempt leaves them out. */
interface Signalled {
  readonly rollout: string;
  readonly version: string;
  readonly processes: ProcessId[];
}

/** Sends the app a signal, and only to a process that catches it (P9). Source: docs/targets.md. */
export function createSignal(settings: SignalSettings, clock: Clock): Target {
  const signal = signalOf(settings.signal);
  const name = `signal ${signal.name} to ${formatSelector(settings)}`;
  let signalled: Signalled | undefined;
  return {
    kind: 'signal',
    name,
    deliver: async (event) => {
      const selection = await selectProcesses(settings, { clock });
      if (selection.type !== 'selected') return explainNotSelected(name, selection);
      if (signalled?.rollout !== event.rollout || signalled.version !== event.version)
        signalled = { ...event, processes: [] };
      const { processes: done } = signalled;
      const left = selection.processes.filter((one) => !done.some((other) => isSame(one, other)));
      const delivery = signalAll(name, left, signal, done);
      if (delivery.answer === 'accepted') signalled = undefined;
      return delivery;
    },
  };
}

type Signal = ReturnType<typeof signalOf>;

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
  name: string,
  processes: readonly Process[],
  signal: Signal,
  done: ProcessId[],
): Delivery {
  const alive = processes.filter(isAlive);
  const findings = [
    ...alive.flatMap((one) => checkHandler(name, one, signal)),
    ...checkPermission(name, alive),
  ];
  if (findings.length > 0) return fault(findings);
  for (const one of alive) if (isAlive(one) && send(one, signal.number) === 'sent') done.push(one);
  return done.length > 0
    ? deliveryOf(name, 'accepted', '')
    : deliveryOf(name, 'absent', 'it has just ended');
}

function checkHandler(name: string, process: Process, signal: Signal): readonly Finding[] {
  const disposition = dispositionOf(process.pid, signal.number);
  if (disposition === 'caught' || disposition === undefined) return [];
  const outcome = OUTCOMES[signal.name] ?? 'would be killed by it';
  const why = disposition === 'ignored' ? 'ignores it' : `does not catch it and ${outcome}`;
  return [findingOf('LG_DELIVER_SIGNAL_UNCAUGHT', [name, `${formatProcess(process)} ${why}`])];
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
