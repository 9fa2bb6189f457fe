import type { Version } from '@lastgood/core/model/snapshot.ts';

/**
 * What one look at the app shows. `absent`: nobody answers. `isFinal`: no later look of this probation
 * can be good.
 */
export type Look =
  | { readonly type: 'good' }
  | { readonly type: 'bad'; readonly reason: string; readonly isFinal?: true }
  | { readonly type: 'absent'; readonly reason: string };

export interface LookOptions {
  /** Tells a rollout's way there, its way back and other rollouts apart. */
  readonly rollout: string;
  readonly version: Version;
  /** The first look of a probation: what the looks before it have seen is over. */
  readonly isFirst?: boolean;
  /** Ends the look. */
  readonly signal: AbortSignal;
}

/** One way to see whether the app is well and runs on a version. */
export interface Probe {
  /** Looks once. Never rejects. */
  look(options: LookOptions): Promise<Look>;
  /**
   * Notes, before the first target of a rollout is told, or where there is none before it is published,
   * what the looks are compared with; called again for the same rollout it changes nothing. Where it
   * was never called for a rollout, nobody was told, and there is nothing to compare with. Never
   * rejects.
   */
  before?(rollout: string): Promise<void>;
}
