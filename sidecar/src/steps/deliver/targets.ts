import type { Clock } from '@lastgood/core/model/clock.ts';
import type { HttpClient } from '../../io/http/request.ts';
import type { RetrySettings, TargetSettings } from '../../settings/settings.ts';
import type { Target } from './target.ts';
import { createWebhook } from './webhook.ts';

export interface TargetOptions {
  readonly client: HttpClient;
  readonly clock: Clock;
  /** The bundle holds secrets, and an app or a command might quote one (P8). */
  readonly sealed: boolean;
  /** For `{dir}` of a command: the directory that the app reads, as this container sees it. */
  readonly dir: string;
  /** Where a restart target with this index records its restarts; undefined: in memory only. */
  readonly restartJournalPath: ((index: number) => string) | undefined;
}

/** Creates the targets of a bundle. Loads only the code of the kinds that it has. */
export function createTargets(
  settings: readonly TargetSettings[],
  options: TargetOptions,
): Promise<readonly Target[]> {
  return Promise.all(settings.map((target, index) => createTarget(target, index, options)));
}

async function createTarget(
  target: TargetSettings,
  index: number,
  { client, clock, sealed, dir, restartJournalPath }: TargetOptions,
): Promise<Target> {
  if ('webhook' in target)
    return createWebhook({ settings: target.webhook, client, clock, sealed });
  if ('signal' in target)
    return (await import('./signal.ts')).createSignal({ settings: target.signal, clock });
  if ('restart' in target) {
    const { createRestart } = await import('./restart.ts');
    const journalPath = restartJournalPath?.(index);
    return createRestart({ settings: target.restart, clock, journalPath });
  }
  if ('exec' in target)
    return (await import('./exec.ts')).createExec({ settings: target.exec, clock, sealed, dir });
  return (await import('./socket.ts')).createSocket({ settings: target.socket, clock, sealed });
}

export function kindOf(target: TargetSettings): Target['kind'] {
  if ('webhook' in target) return 'webhook';
  if ('signal' in target) return 'signal';
  if ('restart' in target) return 'restart';
  return 'exec' in target ? 'exec' : 'socket';
}

export function retriesOf(target: TargetSettings): RetrySettings {
  if ('webhook' in target) return target.webhook.retries;
  if ('signal' in target) return target.signal.retries;
  if ('restart' in target) return target.restart.retries;
  return 'exec' in target ? target.exec.retries : target.socket.retries;
}
