import { type Choice, chooseTopmost } from '../processes/choose.ts';
import { shownMeaning, shownProcess, shownProcesses } from '../processes/shown.ts';
import { isAlive, type Process } from '../processes/table.ts';
import type { ProcessSettings } from '../settings/settings.ts';
import type { Look, Probe } from './probe.ts';
import type { ProbeOptions } from './probes.ts';

/**
 * Sees whether the app's process lives on: the one that was there before the app was told, or, where
 * a target restarts it, at the first look of the probation. Once that one is gone, every further look
 * of the probation is bad: an app that crashes again and again is up at most moments.
 */
export function createProcessProbe(
  settings: ProcessSettings,
  { clock, restarts }: Pick<ProbeOptions, 'clock' | 'restarts'>,
): Probe {
  const choose = () => chooseTopmost(settings, { clock });
  /** Of the rollout that was begun last; used by its first probation only. */
  let noted: { readonly rollout: string; baseline: Baseline } | undefined;
  let baseline: Baseline;
  let lost: Look | undefined;
  const look: Probe['look'] = async ({ rollout, isFirst }) => {
    if (isFirst) {
      lost = undefined;
      baseline = noted?.rollout === rollout ? noted.baseline : undefined;
      if (noted !== undefined) noted.baseline = undefined;
    }
    if (lost !== undefined) return lost;
    if (baseline === undefined) {
      const choice = await choose();
      if (choice.type !== 'chosen') return unclear(settings, choice);
      baseline = choice.processes;
    }
    const gone = baseline.find((one) => !isAlive(one));
    if (gone === undefined) return { type: 'good' };
    lost = { type: 'bad', reason: lossOf(gone, await choose()) };
    return lost;
  };
  return {
    look,
    before: async (rollout) => {
      if (restarts || noted?.rollout === rollout) return;
      const choice = await choose();
      noted = { rollout, baseline: choice.type === 'chosen' ? choice.processes : undefined };
    },
  };
}

type Baseline = readonly Process[] | undefined;

function lossOf(gone: Process, choice: Choice): string {
  if (choice.type !== 'chosen') return `process ${shownProcess(gone)} is gone`;
  const [{ pid }] = choice.processes;
  return `process ${shownProcess(gone)} has ended, and pid ${pid} has come instead`;
}

function unclear(settings: ProcessSettings, choice: Exclude<Choice, { type: 'chosen' }>): Look {
  const name = shownMeaning(settings);
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
        reason: `${name} could mean each of ${shownProcesses(choice.processes)}`,
      };
  }
}
