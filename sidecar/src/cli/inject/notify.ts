import { isMapping, type Mapping } from '@lastgood/core/model/mapping.ts';
import { PRESETS } from '../../presets/presets.ts';
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
  readonly notes: readonly string[];
}

/** How the app hears about a new version of each volume: its settings, a flag, a reloader of today, or its image. */
export function notificationsOf(
  workload: Workload,
  volumes: readonly ConfigVolume[],
  replaced: readonly Reloader[],
  options: InjectOptions,
): Notifications {
  const problems: Problem[] = [];
  const notes: string[] = [];
  const bundles = volumes.map((volume): Bundle => {
    const own = replaced.filter(({ volumes: watched }) => watched.includes(volume.name));
    const notify =
      ofSettings(volume, options) ??
      ofFlags(volume, options) ??
      ofReloaders(workload, own, options, problems) ??
      ofImage(workload, volume, options);
    if (notify !== undefined) {
      notes.push(...(notify.notes ?? []));
      return { volume, notify: notify.keys };
    }
    if (options.mode === 'signal')
      problems.push({
        code: 'LG_INJECT_SIGNAL',
        args: ['the name of its process is not known'],
        pointer: volume.at,
      });
    return { volume, notify: {} };
  });
  return { bundles, problems, notes };
}

/** Keys of a bundle. */
interface Notify {
  readonly keys: Mapping;
  readonly notes?: readonly string[];
}

/** A target or a preset of `--settings` is all that the bundle has. */
function ofSettings({ name }: ConfigVolume, { settings }: InjectOptions): Notify | undefined {
  const { targets, preset } = ownBundle(settings, name);
  return targets === undefined && preset === undefined ? undefined : { keys: {} };
}

function ofFlags(
  { secret }: ConfigVolume,
  { mode, webhook, signal }: InjectOptions,
): Notify | undefined {
  if (mode === 'sdk')
    return { keys: { targets: [{ subscribers: secret ? { secrets: true } : {} }] } };
  if (webhook !== undefined) return { keys: { targets: [{ webhook: { url: webhook } }] } };
  if (signal === undefined) return undefined;
  const [process, name = 'SIGHUP'] = signal.split('=');
  return { keys: keysOfTargets([{ signal: { process, signal: name } }]) };
}

/** A signal has no answer: that the process survives it is the least proof. */
function keysOfTargets(targets: readonly Mapping[]): Mapping {
  const isSignal = targets.some((target) => isMapping(target.signal));
  return { targets, ...(isSignal ? { confirm: { process: 'alive' } } : {}) };
}

function ofReloaders(
  { shownName }: Workload,
  reloaders: readonly Reloader[],
  { mode }: InjectOptions,
  problems: Problem[],
): Notify | undefined {
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
  const notes = reloaders
    .filter(hasBodylessRequest)
    .map(
      ({ container: { name } }) =>
        `${shownName}: requests have no body, as those of the container ${name}: if the app expects the event of lastgood, set --webhook`,
    );
  return { keys: keysOfTargets(targets), notes };
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
  { name, mounts }: ConfigVolume,
  { mode }: InjectOptions,
): Notify | undefined {
  const readers = workload.containers.filter((each) =>
    mounts.some(({ container }) => container === each.name),
  );
  const images = readers.map(({ image = '' }) => image);
  const preset = images
    .map((image) => presetOfImage(image, mode === 'signal'))
    .find((each) => each !== undefined);
  if (preset === undefined) return undefined;
  const { needs } = PRESETS[preset];
  const notes = needs.map(
    (need) =>
      `${workload.shownName}: the volume ${name} has the preset ${preset}, which needs: ${need}`,
  );
  return { keys: { preset }, notes };
}
