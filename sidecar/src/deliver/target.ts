import type { ReloadEvent } from '@lastgood/sdk';
import type { Answer } from '../rollout/state.ts';
import type { Finding } from '../verdict.ts';

/** What a target answered, and why if it was not a yes. */
export interface Delivery {
  readonly answer: Answer;
  readonly findings: readonly Finding[];
}

/** Whoever is told of a new snapshot. One try a call; retries are the rollout's business. */
export interface Target {
  /** Shown in logs and findings; holds no credential (P8). */
  readonly name: string;
  /** Never rejects. */
  deliver(event: ReloadEvent): Promise<Delivery>;
}
