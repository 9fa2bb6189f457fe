import { findingOf } from '@lastgood/core/model/error.ts';
import type { Finding } from '@lastgood/core/model/finding.ts';
import {
  formatProcess,
  formatProcesses,
  type Process,
  type ProcessId,
} from '../../io/process/process-table.ts';
import type { NotSelected, Selection } from '../../io/process/select-process.ts';
import { type Delivery, deliveryOf, type TargetCheck } from './target.ts';

/** The delivery of a target that has not found its process. */
export function explainNotSelected(name: string, selection: NotSelected): Delivery {
  switch (selection.type) {
    case 'absent':
      return deliveryOf(name, 'absent', selection.reason);
    case 'not-visible':
      return { answer: 'absent', findings: [findingOf('LG_DELIVER_NO_SHARED_NAMESPACE', [name])] };
    case 'unreadable':
      return deliveryOf(name, 'fault', selection.reason);
    case 'ambiguous':
      return fault([
        findingOf('LG_DELIVER_AMBIGUOUS', [name, formatProcesses(selection.processes)]),
      ]);
  }
}

/** For `check` of a target: the process was not found, or is found with these problems. */
export function checkOf(
  name: string,
  selection: Selection,
  checkProcesses: (processes: readonly Process[]) => readonly Finding[],
): TargetCheck {
  if (selection.type === 'selected')
    return { findings: checkProcesses(selection.processes), mayPass: true };
  // The namespaces of a pod never change.
  const mayPass = selection.type !== 'not-visible';
  return { findings: explainNotSelected(name, selection).findings, mayPass };
}

export function fault(findings: readonly Finding[]): Delivery {
  return { answer: 'fault', findings };
}

/**
 * Sends a signal, or with 0 only checks whether it could be sent. `gone`: the process has just ended.
 * The caller has compared the start time before, without an await in between. Throws unexpected errors.
 */
export function send({ pid }: ProcessId, signal: number): 'sent' | 'gone' | 'not-permitted' {
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

/** A finding for each process that this user may not signal. */
export function checkPermission(name: string, processes: readonly Process[]): readonly Finding[] {
  const uid = process.geteuid?.();
  return processes
    .filter((one) => send(one, 0) === 'not-permitted')
    .map((one) => findingOf('LG_DELIVER_NOT_PERMITTED', [name, uid, formatProcess(one)]));
}
