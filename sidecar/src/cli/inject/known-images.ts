import { SHARED_PROCESSES } from '../../presets/parts.ts';
import { PRESETS, type PresetName } from '../../presets/presets.ts';

/** The last part of the names of images, without a registry and a tag. */
const IMAGES: Readonly<Record<string, PresetName>> = {
  prometheus: 'prometheus',
  nginx: 'nginx',
  'nginx-unprivileged': 'nginx',
  postgres: 'postgresql',
  postgresql: 'postgresql',
  'fluent-bit': 'fluent-bit',
};

/**
 * The preset for an image, if it works without a parameter that only the user knows.
 *
 * @param canSignal - lastgood sees the processes of the app
 */
export function presetOfImage(image: string, canSignal: boolean): PresetName | undefined {
  const [, base = ''] = /([^/:@]+)(?::[^/]*)?(?:@.*)?$/.exec(image) ?? [];
  const name = Object.hasOwn(IMAGES, base) ? IMAGES[base] : undefined;
  if (name === undefined) return undefined;
  const { parameters, needs } = PRESETS[name];
  const isComplete = Object.values(parameters).every(({ required }) => required !== true);
  return isComplete && (canSignal || !needs.includes(SHARED_PROCESSES)) ? name : undefined;
}
