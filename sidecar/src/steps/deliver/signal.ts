import type { Clock } from '@lastgood/core/model/clock.ts';
import { findingOf } from '@lastgood/core/model/error.ts';
import type { Finding } from '@lastgood/core/model/finding.ts';
import type { ReloadEvent } from '@lastgood/core/model/reload-event.ts';
import { formatProcess, formatSelector, signalOf } from '../../io/process/format-process.ts';
import {
  dispositionOf,
  isAlive,
  type Process,
  type ProcessId,
} from '../../io/process/process-table.ts';
import { chooseProcesses, isSame } from '../../io/process/select-process.ts';
import type { SignalSettings } from '../../settings/settings.ts';
import { fault, forbidden, send, unclear, waitForProcess } from './process-results.ts';
import type { Delivery, Target } from './target.ts';

export interface SignalOptions {
  readonly settings: SignalSettings;
  readonly clock: Clock;
}

/** Whom a try has reached that did not reach all; they are not told again by the next one. */
interface Reached {
  readonly rollout: string;
  readonly version: string;
  readonly processes: ProcessId[];
}

/**
 * Tells the app with a signal, and only a process that catches it (P9). Which process it is stands
 * in docs/targets.md.
 */
export function createSignal({ settings, clock }: SignalOptions): Target {
  const signal = signalOf(settings.signal);
  const name = `signal ${signal.name} to ${formatSelector(settings)}`;
  let reached: Reached | undefined;
  return {
    kind: 'signal',
    name,
    deliver: async (event) => {
      const choice = await chooseProcesses(settings, { clock });
      if (choice.type !== 'chosen') return unclear(name, choice);
      if (!isOf(reached, event)) reached = { ...event, processes: [] };
      const { processes: told } = reached;
      const left = choice.processes.filter((one) => !told.some((other) => isSame(one, other)));
      const delivery = tell(name, left, signal, told);
      if (delivery.answer === 'accepted') reached = undefined;
      return delivery;
    },
    waitUntilReachable: (over) => {
      const look = async () => {
        const { type } = await chooseProcesses(settings, { clock });
        return type === 'chosen' || type === 'ambiguous';
      };
      return waitForProcess(look, clock, over);
    },
  };
}

function isOf(reached: Reached | undefined, event: ReloadEvent): reached is Reached {
  return reached?.rollout === event.rollout && reached.version === event.version;
}

/**
 * Every one is checked before the first one is told. Nothing is awaited from the checks to the
 * signals, and the start times are compared just before each, so that a number that has passed to
 * another process is not used: only a few microseconds are left for that.
 */
function tell(
  name: string,
  processes: readonly Process[],
  { number, name: signalName }: ReturnType<typeof signalOf>,
  told: ProcessId[],
): Delivery {
  const alive = processes.filter(isAlive);
  const objections = [
    ...alive.flatMap((one) => uncaught(name, one, number, signalName)),
    ...forbidden(name, alive),
  ];
  if (objections.length > 0) return fault(objections);
  for (const one of alive) if (isAlive(one) && send(one, number) === 'sent') told.push(one);
  if (told.length > 0) return { answer: 'accepted', findings: [] };
  return unclear(name, { type: 'absent', reason: 'it has just ended' });
}

function uncaught(
  name: string,
  process: Process,
  signal: number,
  signalName: string,
): readonly Finding[] {
  const disposition = dispositionOf(process.pid, signal);
  if (disposition === 'caught' || disposition === undefined) return [];
  const outcome = OUTCOMES[signalName] ?? 'would die of it';
  const why = disposition === 'ignored' ? 'ignores it' : `does not catch it and ${outcome}`;
  return [findingOf('LG_DELIVER_SIGNAL_UNCAUGHT', [name, `${formatProcess(process)} ${why}`])];
}

const UNNOTICED = 'would not notice it';
const STOPPED = 'would be stopped by it';

/** What these do to a process that does not catch them; of all others it dies. Source: signal(7). */
const OUTCOMES: Readonly<Record<string, string>> = {
  SIGCHLD: UNNOTICED,
  SIGCONT: UNNOTICED,
  SIGURG: UNNOTICED,
  SIGWINCH: UNNOTICED,
  SIGTSTP: STOPPED,
  SIGTTIN: STOPPED,
  SIGTTOU: STOPPED,
};
