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
  matchCommandLines,
  type NotSelected,
  type Selection,
  selectTopmost,
} from '../../io/process/select-process.ts';
import type { ProcessProbeSettings } from '../../settings/settings.ts';
import { GOOD, type Observation, type Probe, type ProbeOptions } from './probe.ts';

const TOO_SLOW = 'workerCommandLine takes too long to match: write it without nested repeats';

/** The processes before the app was notified. */
interface Baseline {
  readonly rollout: string;
  /** Used by the first probation only. */
  masters: readonly Process[] | undefined;
  /** The processes that the masters had started by then. */
  readonly children: readonly Process[];
}

/**
 * Checks that the app's process stays alive: the one that ran before the app was notified or, if a
 * target restarts it, the one at the first observation. Once it is gone, the probation is lost: an app
 * that crashes again and again is up at most moments. With `newWorkers` it must also have started a
 * worker since: a master that cannot read its files keeps the old ones.
 */
export function createProcessProbe(
  settings: ProcessProbeSettings,
  { restarts }: Pick<ProbeOptions, 'restarts'>,
): Probe {
  const select = () => selectTopmost(settings);
  /** Of the last rollout. */
  let baseline: Baseline | undefined;
  let masters: readonly Process[] | undefined;
  /** The new workers of the last observation. */
  let started: readonly Process[] = [];
  /** The last new worker that has ended. */
  let lost: Process | undefined;
  const checkWorkers = async (masters: readonly Process[], { children }: Baseline) => {
    const workers = await workersOf(masters, settings);
    if (workers === undefined) return bad(TOO_SLOW);
    const isOld = (one: Process) => children.some((other) => isSame(one, other));
    const ended = started.find((one) => !workers.some((other) => isSame(one, other)));
    const old = settings.newWorkers === 'all' ? workers.find(isOld) : undefined;
    started = workers.filter((one) => !isOld(one));
    lost = ended ?? lost;
    return judgeWorkers({ masters, started, ended, lost, old });
  };
  return {
    observe: async ({ rollout, isFirst }) => {
      const own = baseline?.rollout === rollout ? baseline : undefined;
      if (isFirst) {
        masters = own?.masters;
        started = [];
        lost = undefined;
        if (baseline !== undefined) baseline.masters = undefined;
      }
      if (masters === undefined) {
        const selection = await select();
        if (selection.type !== 'selected')
          return explainNotSelected(formatSelector(settings), selection);
        masters = selection.processes;
      }
      const gone = masters.find((one) => !isAlive(one));
      // Without a baseline no target was notified.
      if (gone === undefined)
        return settings.newWorkers && own !== undefined ? checkWorkers(masters, own) : GOOD;
      return { type: 'bad', reason: explainLoss(gone, await select()), isFinal: true };
    },
    recordBaseline: async (rollout) => {
      if (restarts || baseline?.rollout === rollout) return;
      const selection = await select();
      const processes = selection.type === 'selected' ? selection.processes : undefined;
      const children = settings.newWorkers ? await childrenOf(processes ?? []) : [];
      baseline = { rollout, masters: processes, children };
    },
  };
}

/** The children of the masters whose command line matches; undefined if that takes too long. */
async function workersOf(
  masters: readonly Process[],
  { workerCommandLine }: ProcessProbeSettings,
): Promise<readonly Process[] | undefined> {
  const children = await childrenOf(masters);
  return workerCommandLine === undefined
    ? children
    : matchCommandLines(children, workerCommandLine);
}

async function childrenOf(masters: readonly Process[]): Promise<readonly Process[]> {
  const table = masters.length === 0 ? [] : await listProcesses();
  return table.filter(({ parent }) => masters.some(({ pid }) => pid === parent));
}

interface Workers {
  readonly masters: readonly Process[];
  readonly started: readonly Process[];
  /** A new worker that has ended since the last observation: perhaps none lives for long. */
  readonly ended: Process | undefined;
  /** The same, of any observation. */
  readonly lost: Process | undefined;
  /** A worker from before that must end. */
  readonly old: Process | undefined;
}

function judgeWorkers({ masters, started, ended, lost, old }: Workers): Observation {
  if (ended !== undefined) return bad(`${formatWorker(ended)} has ended soon after its start`);
  const idle = masters.find(({ pid }) => !started.some(({ parent }) => parent === pid));
  if (idle !== undefined && lost !== undefined)
    return bad(`${formatWorker(lost)} has ended soon after its start, and no other has followed`);
  if (idle !== undefined)
    return bad(
      `process ${formatProcess(idle)} runs no worker started since the app was notified: see its log`,
    );
  if (old === undefined) return GOOD;
  return bad(`${formatWorker(old)} from before the app was notified still runs`);
}

function formatWorker(worker: Process): string {
  return `worker ${formatProcess(worker)}`;
}

function bad(reason: string): Observation {
  return { type: 'bad', reason };
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
      return bad(selection.reason);
    case 'ambiguous': {
      const processes = formatProcesses(selection.processes);
      return bad(`${name} matches several processes: ${processes}`);
    }
  }
}
