import { isMapping, type Mapping } from '@lastgood/core/model/mapping.ts';
import { textAt } from '../manifests/objects.ts';
import { reloaderOfImage } from '../manifests/reloaders.ts';
import { presetOfImage } from './known-images.ts';
import type { InjectOptions } from './options.ts';
import { ownBundle } from './own-settings.ts';
import type { ConfigVolume, Workload } from './pod.ts';
import type { Problem } from './problem.ts';
import type { Reloader } from './reloaders.ts';
import type { Bundle } from './settings-text.ts';

export interface Notifications {
  readonly bundles: readonly Bundle[];
  readonly problems: readonly Problem[];
  /** Reloaders of today whose requests have no body, by the name of the volume. */
  readonly bodyless: ReadonlyMap<string, readonly string[]>;
}

/** How the app hears about a new version of each volume: its settings, a flag, a reloader of today, or its image. */
export function notificationsOf(
  workload: Workload,
  volumes: readonly ConfigVolume[],
  replaced: readonly Reloader[],
  options: InjectOptions,
): Notifications {
  const problems: Problem[] = [];
  const bodyless = new Map<string, readonly string[]>();
  const bundles = volumes.map((volume): Bundle => {
    const own = replaced.filter(({ volumes: watched }) => watched.includes(volume.name));
    const notify =
      ofSettings(volume, options) ??
      ofFlags(volume, options) ??
      ofReloaders(own, options, problems) ??
      ofImage(workload, volume, options);
    const others = own.filter(hasBodylessRequest).map(({ container }) => container.name);
    bodyless.set(volume.name, others);
    if (notify !== undefined) return { volume, notify };
    if (options.mode === 'signal')
      problems.push({
        code: 'LG_INJECT_SIGNAL',
        args: ['the name of its process is not known'],
        pointer: volume.at,
      });
    return { volume, notify: {} };
  });
  return { bundles, problems, bodyless };
}

/** A target or a preset of `--settings` is all that the bundle has. */
function ofSettings({ name }: ConfigVolume, { settings }: InjectOptions): Mapping | undefined {
  const { targets, preset } = ownBundle(settings, name);
  return targets === undefined && preset === undefined ? undefined : {};
}

function ofFlags(
  { secret }: ConfigVolume,
  { mode, webhook, signal }: InjectOptions,
): Mapping | undefined {
  if (mode === 'sdk') return { targets: [{ subscribers: secret ? { secrets: true } : {} }] };
  if (webhook !== undefined) return { targets: [{ webhook: { url: webhook } }] };
  if (signal === undefined) return undefined;
  const [process, name = 'SIGHUP'] = signal.split('=');
  return keysOfTargets([{ signal: { process, signal: name } }]);
}

/** A signal has no answer: that the process survives it is the least proof. */
function keysOfTargets(targets: readonly Mapping[]): Mapping {
  const isSignal = targets.some((target) => isMapping(target.signal));
  return { targets, ...(isSignal ? { confirm: { process: 'alive' } } : {}) };
}

function ofReloaders(
  reloaders: readonly Reloader[],
  { mode }: InjectOptions,
  problems: Problem[],
): Mapping | undefined {
  if (reloaders.length === 0) return undefined;
  const targets = reloaders.flatMap(({ container, targets: found }) => {
    const needsSignal =
      typeof found !== 'string' && found.some((target) => isMapping(target.signal));
    const reason =
      typeof found === 'string'
        ? found
        : needsSignal && mode !== 'signal'
          ? 'it sends a signal, which takes --mode signal'
          : undefined;
    if (reason !== undefined)
      problems.push({
        code: 'LG_INJECT_RELOADER',
        args: [container.name, reason],
        pointer: container.at,
      });
    return typeof found === 'string' ? [] : found;
  });
  return keysOfTargets(targets);
}

/** A request that an app may also answer otherwise with a body. Prometheus reads none. */
function hasBodylessRequest({ container, targets }: Reloader): boolean {
  if (reloaderOfImage(container.image)?.name === 'prometheus-config-reloader') return false;
  return (
    typeof targets !== 'string' &&
    targets.some((target) => textAt(target, ['webhook', 'body']) === 'none')
  );
}

function ofImage(
  workload: Workload,
  { mounts }: ConfigVolume,
  { mode }: InjectOptions,
): Mapping | undefined {
  const readers = workload.containers.filter((each) =>
    mounts.some(({ container }) => container === each.name),
  );
  const images = readers.map(({ image = '' }) => image);
  const preset = images
    .map((image) => presetOfImage(image, mode === 'signal'))
    .find((each) => each !== undefined);
  return preset && { preset };
}
