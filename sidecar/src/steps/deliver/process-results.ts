import type { Clock } from '@lastgood/core/model/clock.ts';
import { findingOf } from '@lastgood/core/model/error.ts';
import type { Finding } from '@lastgood/core/model/finding.ts';
import { formatProcess, formatProcesses } from '../../io/process/format-process.ts';
import type { Process, ProcessId } from '../../io/process/process-table.ts';
import type { Choice } from '../../io/process/select-process.ts';
import type { Delivery } from './target.ts';

/** While the app is not there, it is looked for this often. */
const LOOK_MS = 250;

/** Looks until somebody is there. Rejects with the signal's reason. */
export async function waitForProcess(
  look: () => Promise<boolean>,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  while (!(await look())) await clock.sleep(LOOK_MS, signal);
}

/** What a target answers when it is not clear which process is meant. */
export function unclear(name: string, choice: Exclude<Choice, { type: 'chosen' }>): Delivery {
  switch (choice.type) {
    case 'absent':
      return {
        answer: 'absent',
        findings: [findingOf('LG_DELIVER_ABSENT', [name, choice.reason])],
      };
    case 'alone':
      return { answer: 'absent', findings: [findingOf('LG_DELIVER_NO_SHARED_NAMESPACE', [name])] };
    case 'unreadable':
      return fault([findingOf('LG_DELIVER_FAULT', [name, choice.reason])]);
    case 'ambiguous':
      return fault([findingOf('LG_DELIVER_AMBIGUOUS', [name, formatProcesses(choice.processes)])]);
  }
}

export function fault(findings: readonly Finding[]): Delivery {
  return { answer: 'fault', findings };
}

/** What came of a signal; `gone`: the process has ended meanwhile. */
export type Sent = 'sent' | 'gone' | 'not-permitted';

/**
 * Sends a signal, or with 0 only asks whether it could be sent. The caller has compared the start
 * time just before, with nothing awaited in between. Throws what is unexpected.
 */
export function send({ pid }: ProcessId, signal: number): Sent {
  try {
    process.kill(pid, signal);
    return 'sent';
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ESRCH') return 'gone';
    if (code === 'EPERM' || code === 'EACCES') return 'not-permitted';
    throw error;
  }
}

/** Whoever may not be signalled, as a finding each. */
export function forbidden(name: string, processes: readonly Process[]): readonly Finding[] {
  const uid = process.geteuid?.();
  return processes
    .filter((one) => send(one, 0) === 'not-permitted')
    .map((one) => findingOf('LG_DELIVER_NOT_PERMITTED', [name, uid, formatProcess(one)]));
}
