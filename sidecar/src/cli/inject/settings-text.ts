import type { Mapping } from '@lastgood/core/model/mapping.ts';
import { dump } from 'js-yaml';
import { settingsOfDocument } from '../../settings/from-value.ts';
import type { Mode } from './modes.ts';
import type { ConfigVolume } from './pod.ts';
import { livePath, RUN_DIR, sourcePath } from './sidecar-container.ts';

/** A volume, and how the app hears about its changes. */
export interface Bundle {
  readonly volume: ConfigVolume;
  /** A preset, or targets. */
  readonly notify: Mapping;
}

/** The settings for the pod. */
export function settingsDocument(mode: Mode, port: number, bundles: readonly Bundle[]): Mapping {
  return {
    listen: `:${port}`,
    stateDir: '/lastgood/state',
    ...(mode === 'sdk' ? { runDir: RUN_DIR } : {}),
    bundles: bundles.map(({ volume, notify }) => ({
      name: volume.name,
      volumes: [{ path: sourcePath(volume.name), ...(volume.secret ? { secret: true } : {}) }],
      ...(mode === 'sdk'
        ? {}
        : { publish: livePath(volume.name), mountedAt: volume.mounts[0]?.path }),
      ...notify,
    })),
  };
}

/** What lastgood would refuse at its start, such as a URL with a password. */
export function settingsProblems(document: Mapping): readonly string[] {
  const loaded = settingsOfDocument(document, 'lastgood.yaml', () => undefined);
  return loaded.ok ? [] : loaded.findings.map(({ message }) => message);
}

/** `lastgood.yaml`. */
export function settingsText(document: Mapping): string {
  return dump(document, { lineWidth: -1, noRefs: true });
}
