import type { Clock } from '../clock.ts';
import type { RestartSettings } from '../settings/settings.ts';
import type { Target } from './target.ts';

export interface RestartOptions {
  readonly settings: RestartSettings;
  readonly clock: Clock;
  /** Where it notes which process it has ended for which version; undefined: in memory only. */
  readonly memoryPath: string | undefined;
}

export function createRestart(_options: RestartOptions): Target {
  throw new Error('not built yet');
}
