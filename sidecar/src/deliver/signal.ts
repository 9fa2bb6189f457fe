import type { Clock } from '../clock.ts';
import type { SignalSettings } from '../settings/settings.ts';
import type { Target } from './target.ts';

export interface SignalOptions {
  readonly settings: SignalSettings;
  readonly clock: Clock;
}

export function createSignal(_options: SignalOptions): Target {
  throw new Error('not built yet');
}
