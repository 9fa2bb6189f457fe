import type { RetrySettings, TargetSettings } from '../../settings/settings.ts';
import { createSubscribers } from './subscribers.ts';
import type { Target, TargetOptions } from './target.ts';
import { createWebhook } from './webhook.ts';

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
  options: TargetOptions,
): Promise<Target> {
  if ('webhook' in target) return createWebhook(target.webhook, options);
  if ('signal' in target) return (await import('./signal.ts')).createSignal(target.signal);
  if ('restart' in target) {
    const { createRestart } = await import('./restart.ts');
    return createRestart(target.restart, options.clock, options.restartJournalPath?.(index));
  }
  if ('exec' in target) return (await import('./exec.ts')).createExec(target.exec, options);
  if ('subscribers' in target) return createSubscribers(options.subscribers);
  return (await import('./socket.ts')).createSocket(target.socket, options);
}

/** The key of the settings that says what a target does. */
export function kindOf(target: TargetSettings): Target['kind'] {
  return Object.keys(target)[0] as Target['kind'];
}

export function retriesOf(target: TargetSettings): RetrySettings {
  const [{ retries }] = Object.values(target) as [{ readonly retries: RetrySettings }];
  return retries;
}
