import type { Clock } from '../clock.ts';
import type { SocketSettings } from '../settings/settings.ts';
import type { Target } from './target.ts';

export interface SocketOptions {
  readonly settings: SocketSettings;
  readonly clock: Clock;
  readonly sealed: boolean;
}

export function createSocket(_options: SocketOptions): Target {
  throw new Error('not built yet');
}
