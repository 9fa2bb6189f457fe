import type { Version } from '@lastgood/core/model/snapshot.ts';
import type { Answer } from '../../sidecar/src/rollout/events.ts';
import { isReady } from '../../sidecar/src/rollout/health.ts';
import {
  type Phase,
  type RolloutConfig,
  rolloutOf,
  type State,
} from '../../sidecar/src/rollout/state.ts';
import type { Random } from './random.ts';

/** How an app takes a version: all of this is unknown to the machine. */
export interface Content {
  readonly version: Version;
  /** The first version that says the same, in other bytes. */
  readonly meaning: Version;
  readonly valid: boolean;
  readonly app: (typeof TAKES)[number];
  /** A process of the subscribers target cannot change this while it runs. */
  readonly threads: number;
}

/** `kills`: a reload ends the app, which can start on it; on `cannot-start` it cannot even do that. */
export const TAKES = [
  'takes',
  'takes',
  'refuses',
  'fails-at-first',
  'sickens',
  'kills',
  'cannot-start',
] as const;

/** What the model reads of its world. */
interface Pod {
  readonly state: State;
  readonly config: RolloutConfig;
  readonly lastGood: Version | null;
  contentOf(version: Version): Content;
  /** Whether an app cannot start on it. */
  cannotStart(version: Version): boolean;
  /** Whether a change to it ends the app. */
  isFatal(content: Content): boolean;
}

interface Delivered {
  readonly answer: Answer;
  readonly isReset?: true;
}

interface Process {
  isUp: boolean;
  running: Version | null;
  /** Steps until it starts again. */
  downFor: number;
  /** It can change its threads while it runs, as other code than that of the others. */
  readonly isFlexible: boolean;
}

/**
 * The processes behind a `subscribers` target, and what the sidecar tells them: which version they start
 * on, and whether they can change while they run. They read no file.
 */
export class Subscribers {
  readonly processes: readonly Process[];
  readonly #pod: Pod;

  constructor(pod: Pod, random: Random) {
    this.#pod = pod;
    this.processes = Array.from({ length: random.int(1, 2) }, () => ({
      isUp: false,
      running: null,
      downFor: 0,
      isFlexible: random.chance(0.3),
    }));
  }

  get up(): readonly Process[] {
    return this.processes.filter(({ isUp }) => isUp);
  }

  /** The processes that must end before all can run on this version. */
  needing(version: Version): readonly Process[] {
    return this.up.filter((each) => !this.#canChange(each, version));
  }

  /** Each process that is due and may start does so. */
  start(): void {
    for (const process of this.processes) {
      if (process.isUp || --process.downFor > 0) continue;
      const version = this.#startVersion();
      if (version === null || this.#pod.cannotStart(version)) continue;
      Object.assign(process, { isUp: true, running: version });
      this.#joinRollout(process);
    }
  }

  /** Ends them; `downFor` steps pass before they start again. */
  end(processes: readonly Process[], downFor: number): void {
    for (const process of processes) Object.assign(process, { isUp: false, downFor });
  }

  /** One accepts the version only if all do. */
  deliver(content: Content, verdict: Answer, takes: boolean): Delivered {
    const { version } = content;
    if (this.up.length === 0) return { answer: 'absent' };
    if (verdict === 'refused') return { answer: 'refused' };
    if (this.needing(version).length > 0) return { answer: 'restart' };
    if (this.#pod.isFatal(content) && this.up.some(({ running }) => running !== version))
      return { answer: 'fault', isReset: true };
    // A fault may come after some have changed.
    for (const each of takes ? this.up : []) each.running = version;
    return { answer: verdict };
  }

  /** Null: it has to wait. */
  #startVersion(): Version | null {
    const { state, config } = this.#pod;
    const { phase, active, lastGood } = state;
    const rollout = rolloutOf(state);
    if (!isReady(state, config)) return null;
    if (rollout === null) return active ?? lastGood;
    if (rollout.failure !== null) return lastGood;
    if (phase.name === 'publishing') return null;
    // If all have ended, the wait is over in a moment.
    if (phase.name === 'pending-restart' && this.needing(rollout.version).length === 0) return null;
    const isOnIt = rollout.needsRestart !== undefined || rollout.reason === 'start';
    if ((isOnIt && isPublished(phase)) || stepOf(phase) === 'commit') return rollout.version;
    return active ?? lastGood ?? (isPublished(phase) ? rollout.version : null);
  }

  /** A process that starts after the delivery takes part in the rollout at once. */
  #joinRollout(process: Process): void {
    const { state } = this.#pod;
    const rollout = rolloutOf(state);
    if (rollout === null || rollout.failure !== null || stepOf(state.phase) !== 'confirm') return;
    const refuses = this.#pod.contentOf(rollout.version).app === 'refuses';
    if (!refuses && this.#canChange(process, rollout.version)) process.running = rollout.version;
  }

  /** The number of threads is fixed when a process starts. */
  #canChange({ running, isFlexible }: Process, version: Version): boolean {
    if (running === null || running === version || isFlexible) return true;
    return this.#pod.contentOf(running).threads === this.#pod.contentOf(version).threads;
  }
}

function stepOf(phase: Phase): string {
  return phase.name === 'retrying' ? phase.step : (STEPS[phase.name] ?? '');
}

const STEPS: Partial<Record<Phase['name'], string>> = {
  delivering: 'deliver',
  confirming: 'confirm',
  committing: 'commit',
};

function isPublished(phase: Phase): boolean {
  return ['deliver', 'confirm', 'commit'].includes(stepOf(phase));
}
