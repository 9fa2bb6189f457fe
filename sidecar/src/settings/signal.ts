import { constants } from 'node:os';
import * as z from 'zod/mini';
import { key, mapping } from './mapping.ts';
import { checkProcess, processKeys } from './process.ts';
import { retriesKey } from './retries.ts';
import { count } from './values.ts';
import { must } from './wording.ts';

const WRONG_SIGNAL = must('be a signal such as SIGHUP, or a number from 1 to 64');

/** `HUP`, `SIGHUP` or a number, which becomes a name or a number of this system. */
export const signalName = z.pipe(
  z
    .union([count(1, 64), z.string()], WRONG_SIGNAL)
    .check(z.refine((signal) => normalizeSignal(signal) !== undefined, WRONG_SIGNAL)),
  z.transform((signal) => normalizeSignal(signal) ?? 'SIGHUP'),
);

function normalizeSignal(signal: string | number): NodeJS.Signals | number | undefined {
  if (typeof signal === 'number') return signal;
  const full = signal.startsWith('SIG') ? signal : `SIG${signal}`;
  return Object.hasOwn(constants.signals, full) ? (full as NodeJS.Signals) : undefined;
}

/** A process cannot catch these two, so they cannot notify an app. Source: signal(7). */
const NEVER_CAUGHT = [constants.signals.SIGKILL, constants.signals.SIGSTOP];

export const signalSchema = mapping(
  {
    ...processKeys,
    signal: key('Signal, by name or number.', signalName, 'SIGHUP'),
    sendUnchecked: key(
      'Send it also if the system does not show whether the process catches it (gVisor).',
      z.boolean(),
      false,
    ),
    retries: retriesKey,
  },
  (settings, report) => {
    const { signal } = settings;
    checkProcess(settings, report);
    if (NEVER_CAUGHT.includes(typeof signal === 'number' ? signal : constants.signals[signal]))
      report(
        ['signal'],
        `must be a signal that a process can catch (is ${signal}); to end the app, use restart`,
      );
    return settings;
  },
);

export type SignalSettings = z.output<typeof signalSchema>;
