import {
  formatProcess,
  formatProcesses,
  isAlive,
  isSame,
  listProcesses,
  type Process,
} from '../../io/process/process-table.ts';
import {
  formatSelector,
  type NotSelected,
  type Selection,
  selectTopmost,
} from '../../io/process/select-process.ts';
import type { ProcessProbeSettings } from '../../settings/settings.ts';
import { GOOD, type Observation, type Probe, type ProbeOptions } from './probe.ts';

/** The processes before the app was notified. */
interface Baseline {
  readonly rollout: string;
  /** Used by the first probation only. */
  masters: readonly Process[] | undefined;
  /** The processes that the masters had started by then. */
  readonly workers: readonly Process[];
}

/**
 * Checks that the app's process stays alive: the one that ran before the app was notified or, if a
 * target restarts it, the one at the first observation. Once it is gone, the probation is lost: an app
 * that crashes again and again is up at most moments. With `newWorkers` it must also have started a
 * process since: a master that cannot read its files keeps the old ones.
 */
export function createProcessProbe(
  settings: ProcessProbeSettings,
  { restarts }: Pick<ProbeOptions, 'restarts'>,
): Probe {
  const select = () => selectTopmost(settings);
  /** Of the last rollout. */
  let baseline: Baseline | undefined;
  let masters: readonly Process[] | undefined;
  return {
    observe: async ({ rollout, isFirst }) => {
      const own = baseline?.rollout === rollout ? baseline : undefined;
      if (isFirst) {
        masters = own?.masters;
        if (baseline !== undefined) baseline.masters = undefined;
      }
      if (masters === undefined) {
        const selection = await select();
        if (selection.type !== 'selected')
          return explainNotSelected(formatSelector(settings), selection);
        masters = selection.processes;
      }
      const gone = masters.find((one) => !isAlive(one));
      if (gone === undefined) return settings.newWorkers ? checkWorkers(masters, own) : GOOD;
      return { type: 'bad', reason: explainLoss(gone, await select()), isFinal: true };
    },
    recordBaseline: async (rollout) => {
      if (restarts || baseline?.rollout === rollout) return;
      const selection = await select();
      const processes = selection.type === 'selected' ? selection.processes : undefined;
      const workers = settings.newWorkers ? await workersOf(processes ?? []) : [];
      baseline = { rollout, masters: processes, workers };
    },
  };
}

/** Whether each has started a process since the baseline; without one no target was notified. */
async function checkWorkers(
  masters: readonly Process[],
  baseline: Baseline | undefined,
): Promise<Observation> {
  if (baseline === undefined) return GOOD;
  const workers = await workersOf(masters);
  const started = workers.filter((one) => !baseline.workers.some((other) => isSame(one, other)));
  const idle = masters.find(({ pid }) => !started.some(({ parent }) => parent === pid));
  if (idle === undefined) return GOOD;
  const reason = `process ${formatProcess(idle)} has started no new worker since the app was notified`;
  return { type: 'bad', reason };
}

async function workersOf(masters: readonly Process[]): Promise<readonly Process[]> {
  const table = masters.length === 0 ? [] : await listProcesses();
  return table.filter(({ parent }) => masters.some(({ pid }) => pid === parent));
}

function explainLoss(gone: Process, selection: Selection): string {
  if (selection.type !== 'selected') return `process ${formatProcess(gone)} is gone`;
  const [{ pid }] = selection.processes;
  return `process ${formatProcess(gone)} has ended, and pid ${pid} has replaced it`;
}

function explainNotSelected(name: string, selection: NotSelected): Observation {
  switch (selection.type) {
    case 'absent':
      return { type: 'absent', reason: `${name}: ${selection.reason}` };
    case 'not-visible':
      return {
        type: 'absent',
        reason: `${name} cannot be seen without shareProcessNamespace: true in the spec of the pod`,
      };
    case 'unreadable':
      return { type: 'bad', reason: selection.reason };
    case 'ambiguous': {
      const processes = formatProcesses(selection.processes);
      return { type: 'bad', reason: `${name} matches several processes: ${processes}` };
    }
  }
}
