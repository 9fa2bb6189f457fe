import { formatProcess, formatProcesses, formatSelector } from '../../io/process/format-process.ts';
import { isAlive, listProcesses, type Process } from '../../io/process/process-table.ts';
import { type Choice, chooseTopmost, isSame } from '../../io/process/select-process.ts';
import type { ProcessProbeSettings, ProcessSettings } from '../../settings/settings.ts';
import type { Look, Probe } from './probe.ts';
import type { ProbeOptions } from './probes.ts';

/** What was there before the app was told. */
interface Noted {
  readonly rollout: string;
  /** Used by the first probation only. */
  baseline: Baseline;
  /** What it had started by then. */
  readonly workers: readonly Process[];
}

/**
 * Sees whether the app's process lives on: the one that was there before the app was told, or, where
 * a target restarts it, at the first look of the probation. Once that one is gone, the probation is
 * lost: an app that crashes again and again is up at most moments. With `newWorkers` it must also have started a process
 * since: a master that cannot read its files keeps the old ones.
 */
export function createProcessProbe(
  settings: ProcessProbeSettings,
  { clock, restarts }: Pick<ProbeOptions, 'clock' | 'restarts'>,
): Probe {
  const choose = () => chooseTopmost(settings, { clock });
  /** Of the rollout that was begun last. */
  let noted: Noted | undefined;
  let baseline: Baseline;
  const look: Probe['look'] = async ({ rollout, isFirst }) => {
    const note = noted?.rollout === rollout ? noted : undefined;
    if (isFirst) {
      baseline = note?.baseline;
      if (noted !== undefined) noted.baseline = undefined;
    }
    if (baseline === undefined) {
      const choice = await choose();
      if (choice.type !== 'chosen') return unclear(settings, choice);
      baseline = choice.processes;
    }
    const gone = baseline.find((one) => !isAlive(one));
    if (gone === undefined) return settings.newWorkers ? renewed(baseline, note) : { type: 'good' };
    return { type: 'bad', reason: lossOf(gone, await choose()), isFinal: true };
  };
  return {
    look,
    before: async (rollout) => {
      if (restarts || noted?.rollout === rollout) return;
      const choice = await choose();
      const processes = choice.type === 'chosen' ? choice.processes : undefined;
      const workers = settings.newWorkers ? await workersOf(processes ?? []) : [];
      noted = { rollout, baseline: processes, workers };
    },
  };
}

/** Whether each has started a process since the note; without one nobody was told. */
async function renewed(masters: readonly Process[], note: Noted | undefined): Promise<Look> {
  if (note === undefined) return { type: 'good' };
  const workers = await workersOf(masters);
  const started = workers.filter((one) => !note.workers.some((other) => isSame(one, other)));
  const idle = masters.find(({ pid }) => !started.some(({ parent }) => parent === pid));
  if (idle === undefined) return { type: 'good' };
  const reason = `process ${formatProcess(idle)} has started no new worker since the app was told`;
  return { type: 'bad', reason };
}

async function workersOf(masters: readonly Process[]): Promise<readonly Process[]> {
  const table = masters.length === 0 ? [] : await listProcesses();
  return table.filter(({ parent }) => masters.some(({ pid }) => pid === parent));
}

type Baseline = readonly Process[] | undefined;

function lossOf(gone: Process, choice: Choice): string {
  if (choice.type !== 'chosen') return `process ${formatProcess(gone)} is gone`;
  const [{ pid }] = choice.processes;
  return `process ${formatProcess(gone)} has ended, and pid ${pid} has come instead`;
}

function unclear(settings: ProcessSettings, choice: Exclude<Choice, { type: 'chosen' }>): Look {
  const name = formatSelector(settings);
  switch (choice.type) {
    case 'absent':
      return { type: 'absent', reason: `${name}: ${choice.reason}` };
    case 'alone':
      return {
        type: 'absent',
        reason: `${name} cannot be seen without shareProcessNamespace: true in the spec of the pod`,
      };
    case 'unreadable':
      return { type: 'bad', reason: choice.reason };
    case 'ambiguous':
      return {
        type: 'bad',
        reason: `${name} could mean each of ${formatProcesses(choice.processes)}`,
      };
  }
}
