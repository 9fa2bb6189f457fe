import type { Clock } from '../clock.ts';
import type { ExecTargetSettings } from '../settings/settings.ts';
import type { Target } from './target.ts';

export interface ExecOptions {
  readonly settings: ExecTargetSettings;
  readonly clock: Clock;
  readonly sealed: boolean;
  readonly dir: string;
}

export function createExec(_options: ExecOptions): Target {
  throw new Error('not built yet');
}
