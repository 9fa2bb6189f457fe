import type { Mapping } from '@lastgood/core/model/mapping.ts';
import type { Parameter } from './preset.ts';
import { PRESETS, type PresetName } from './presets.ts';

/** The keys of a bundle that presets fill in. */
export const FILLED_KEYS = ['targets', 'confirm', 'validate'] as const;

type FilledKeys = { [Key in (typeof FILLED_KEYS)[number]]?: unknown };

/** The keys of a bundle that a preset fills in. Parameters that are not given have their defaults. */
export function renderPreset(name: PresetName, given: Mapping): FilledKeys {
  const values = mapParameters(name, ({ default: fallback }, key) => given[key] ?? fallback);
  const keys = Object.entries(PRESETS[name].bundleKeys(values));
  const present = keys.filter(([, value]) => !Array.isArray(value) || value.length > 0);
  // Through JSON, which drops every key that is undefined.
  return JSON.parse(JSON.stringify(Object.fromEntries(present)));
}

/** The keys of a preset with only its required parameters, which are shown as `{name}`. */
export function renderDefaults(name: PresetName): FilledKeys {
  return renderPreset(
    name,
    mapParameters(name, ({ required }, key) => (required === true ? `{${key}}` : undefined)),
  );
}

/**
 * The keys of a preset with `{name}` in the place of every parameter that is given or has a default.
 * They have the same structure as those that {@link renderPreset} returns for these values.
 */
export function renderNames(name: PresetName, given: Mapping): FilledKeys {
  const names = mapParameters(name, ({ default: fallback }, key) => {
    const value = given[key] ?? fallback;
    if (Array.isArray(value)) return value.map(() => `{${key}}`);
    return value === undefined ? undefined : `{${key}}`;
  });
  return renderPreset(name, names);
}

/** The first parameter of a preset that {@link renderNames} has put into a value. */
export function parameterIn(name: PresetName, value: unknown): string | undefined {
  const names = (JSON.stringify(value) ?? '').matchAll(/\{([a-zA-Z]+)\}/g);
  return names.map(([, each = '']) => each).find((each) => each in PRESETS[name].parameters);
}

/** A value for every parameter: its example, else its default. */
export function exampleValues(name: PresetName): Mapping {
  return mapParameters(name, ({ example, default: fallback }) => example ?? fallback);
}

function mapParameters(
  name: PresetName,
  toValue: (parameter: Parameter, key: string) => unknown,
): Mapping {
  const parameters = Object.entries(PRESETS[name].parameters);
  return Object.fromEntries(parameters.map(([key, parameter]) => [key, toValue(parameter, key)]));
}
