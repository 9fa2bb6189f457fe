import type { Finding } from '@lastgood/core/model/finding.ts';
import type { Mapping } from '@lastgood/core/model/mapping.ts';
import type { Pointer } from '@lastgood/core/model/pointer.ts';
import { dump } from 'js-yaml';
import type { Locate } from '../../settings/checks.ts';
import { parseDocument } from '../../settings/document.ts';
import { expandPresets } from '../../settings/expand-presets.ts';
import { settingsOfValue } from '../../settings/from-value.ts';
import { itemsAt } from '../manifests/objects.ts';
import type { Mode } from './modes.ts';
import type { OwnSettings } from './own-settings.ts';
import type { ConfigVolume } from './pod.ts';
import type { Problem } from './problem.ts';
import { livePath, RUN_DIR, SETTINGS_FILE, sourcePath } from './sidecar-container.ts';

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
export function settingsProblems(
  text: unknown,
  own: OwnSettings | undefined,
  at: Pointer,
): readonly Problem[] {
  const parsed = parseDocument(SETTINGS_FILE, Buffer.from(typeof text === 'string' ? text : ''));
  const findings = parsed.ok ? findingsIn(parsed.document.value, own) : parsed.findings;
  return findings.map(({ message, location }) => ({
    code: 'LG_INJECT_SETTINGS',
    args: [message],
    pointer: at,
    location,
  }));
}

function findingsIn(settings: unknown, own: OwnSettings | undefined): readonly Finding[] {
  const bundles = itemsAt(settings, ['bundles']).map(({ value }) => value);
  const { value, issues, originOf } = expandPresets(settings, bundles);
  const locate = (at: Pointer) => own?.locate(settings, originOf(at));
  const places: Locate = (at) => locate(at) ?? { file: SETTINGS_FILE };
  places.text = (at) => ({ location: places(at), verbatim: false });
  const loaded = settingsOfValue(value, { file: SETTINGS_FILE, locate, places }, issues);
  return loaded.ok ? [] : loaded.findings;
}

/** `lastgood.yaml`. */
export function settingsText(document: Mapping): string {
  return dump(document, { lineWidth: -1, noRefs: true });
}
