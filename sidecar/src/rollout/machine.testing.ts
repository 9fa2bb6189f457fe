import { findingOf } from '@lastgood/core/model/error.ts';
import type { Version } from '@lastgood/core/model/snapshot.ts';
import type { Answer, Effect, Event } from './events.ts';
import { next } from './machine.ts';
import { type RecoveryInput, recover } from './recovery.ts';
import type { RolloutConfig, State } from './state.ts';

export const RETRIES = { attempts: 3, backoffMs: 1_000, maxMs: 30_000 };
export const PLAN: RolloutConfig = {
  publishes: true,
  targets: [RETRIES],
  confirms: true,
  onFailure: 'rollback',
};
export const v1: Version = 'sha256:1';
export const v2: Version = 'sha256:2';
export const v3: Version = 'sha256:3';
export const RESTART = findingOf('LG_DELIVER_NEEDS_RESTART', ['app', 'threads']);
export const REASON = findingOf('LG_VALIDATE_SYNTAX', ['bad indentation']);

/** A machine and its last effects; events are for the present phase. */
export class Machine {
  state: State;
  effects: readonly Effect[] = [];
  readonly config: RolloutConfig;
  #rollouts = 0;

  constructor(
    config: RolloutConfig = PLAN,
    saved: State | null = null,
    visible: RecoveryInput['visible'] = null,
  ) {
    this.config = config;
    const lastGood = saved?.lastGood ?? null;
    const move = recover({ saved, visible, lastGood, rollbackId: 'spare' }, config);
    [this.state, this.effects] = move;
  }

  feed(event: Event): this {
    [this.state, this.effects] = next(this.state, event, this.config);
    return this;
  }

  /** The volume holds this, and it passes its checks; `equivalentTo` has the same meaning. */
  holds(version: Version, equivalentTo?: Version): this {
    this.#rollouts += 1;
    const rollout = `r${this.#rollouts}`;
    this.feed({ type: 'captured', rollout, version });
    const { checking } = this.state;
    return checking === null
      ? this
      : this.feed({
          type: 'validated',
          rollout,
          accepted: true,
          findings: [],
          ...(equivalentTo === undefined ? {} : { equivalentTo }),
        });
  }

  /** The volume holds this, and an app cannot change to it while it runs. */
  needsRestart(version: Version): this {
    this.#rollouts += 1;
    const rollout = `r${this.#rollouts}`;
    this.feed({ type: 'captured', rollout, version });
    const need = { findings: [], needsRestart: [RESTART] } as const;
    return this.feed({ type: 'validated', rollout, accepted: true, ...need });
  }

  holdsBad(version: Version): this {
    this.#rollouts += 1;
    const rollout = `r${this.#rollouts}`;
    this.feed({ type: 'captured', rollout, version });
    return this.feed({ type: 'validated', rollout, accepted: false, findings: [REASON] });
  }

  done(): this {
    return this.feed({ type: 'done', generation: this.state.generation, findings: [] });
  }

  failed(): this {
    return this.feed({ type: 'failed', generation: this.state.generation, findings: [REASON] });
  }

  answers(
    answer: Answer,
    more: { retryAfterMs?: number; final?: true; isReset?: true } = {},
  ): this {
    const { generation } = this.state;
    return this.feed({
      type: 'answered',
      generation: generation,
      answer,
      findings: [REASON],
      ...more,
    });
  }

  waits(): this {
    return this.feed({ type: 'retry-due', generation: this.state.generation });
  }

  /** Whether the deadline of the requested confirmation waits for the app's first response. */
  get isPatient(): boolean | undefined {
    const [effect] = this.effects;
    return effect?.type === 'confirm' ? effect.waitForFirstResponse : undefined;
  }

  /** The last wait. */
  get wait(): (Effect & { type: 'wait' }) | undefined {
    return this.effects.find((effect) => effect.type === 'wait');
  }

  get asked(): string {
    return this.effects.map(shown).join(', ');
  }

  get phase(): string {
    return this.state.phase.name;
  }
}

function shown(effect: Effect): string {
  switch (effect.type) {
    case 'finish':
      return `${effect.outcome} ${effect.version?.slice(7)}`;
    case 'wait':
    case 'wait-pending-retry':
      return `${effect.type} ${effect.ms}`;
    case 'deliver':
      return `deliver ${effect.version.slice(7)} to ${effect.target} (${effect.reason})`;
    default:
      return `${effect.type} ${effect.version.slice(7)}`;
  }
}

/** A pod that runs on version 1. */
export function steady(config: RolloutConfig = PLAN): Machine {
  const machine = new Machine(config).holds(v1);
  while (machine.phase !== 'steady')
    if (machine.phase === 'delivering') machine.answers('accepted');
    else machine.done();
  return machine;
}
