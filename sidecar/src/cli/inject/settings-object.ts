import type { Mapping } from '@lastgood/core/model/mapping.ts';
import type { InjectOptions } from './options.ts';
import type { Workload } from './pod.ts';
import { SETTINGS_FILE, settingsName } from './sidecar-container.ts';
import { INJECTED } from './undo.ts';

/** The ConfigMap with the settings of a workload, and the schemas that they name. */
export function settingsObject(
  { name, object: { namespace } }: Workload,
  settings: string,
  { version, settings: own }: InjectOptions,
): Mapping {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name: settingsName(name),
      ...(namespace === undefined ? {} : { namespace }),
      annotations: { [INJECTED]: version },
    },
    data: { [SETTINGS_FILE]: settings, ...own?.files },
  };
}
