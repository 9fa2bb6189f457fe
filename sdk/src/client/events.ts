import { channel } from 'node:diagnostics_channel';
import type { ReloadReason } from '@lastgood/core/model/reload-event.ts';
import type { Version } from '@lastgood/core/model/snapshot.ts';
import type { State } from '../config.ts';
import type { Answer } from '../provider.ts';

/** The messages of each `diagnostics_channel`. Never a value of the configuration (P8). */
export interface Events {
  /** A candidate was prepared: the answer of this app. */
  readonly prepare: RolloutEvent & Answer;
  /** All views have changed. */
  readonly commit: RolloutEvent & { readonly previous: Version };
  /** Like `commit`, for the last good version after a newer one failed. */
  readonly rollback: Events['commit'];
  readonly abort: RolloutEvent & { readonly why: string };
  readonly state: { readonly bundle: string | undefined; readonly state: State };
  /** A function of the app threw, which hurts nothing else. Without a subscriber it is a warning of the process. */
  readonly error: {
    readonly bundle: string | undefined;
    readonly from: string;
    readonly error: unknown;
  };
}

interface RolloutEvent {
  readonly bundle: string | undefined;
  readonly rollout: string;
  readonly version: Version;
  readonly reason: ReloadReason;
}

const CHANNELS = {
  prepare: channel('lastgood:prepare'),
  commit: channel('lastgood:commit'),
  rollback: channel('lastgood:rollback'),
  abort: channel('lastgood:abort'),
  state: channel('lastgood:state'),
  error: channel('lastgood:error'),
};

export function publish<Name extends keyof Events>(name: Name, message: Events[Name]): void {
  CHANNELS[name].publish(message);
}

/** Reports what a function of the app threw. */
export function reportError(message: Events['error'], show: () => string): void {
  if (CHANNELS.error.hasSubscribers) publish('error', message);
  else process.emitWarning(`${message.from} failed: ${show()}`, 'LastgoodWarning');
}
