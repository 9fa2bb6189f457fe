import { suggestion } from '../settings/did-you-mean.ts';
import { type Issue, invalid, type Path, valueAt } from '../settings/issue.ts';
import { isMeantBy, unknownKeyIssues } from '../settings/unknown-keys.ts';
import { messageOf, shownValue } from '../settings/wording.ts';
import { type Filled, fill, namesIn } from './fill.ts';
import { parametersSchema } from './parameters.ts';
import type { Preset, Value } from './preset.ts';
import { isPreset, PRESETS, type PresetName } from './presets.ts';

/** The document of the settings with what its presets stand for. */
export interface Expanded {
  readonly value: unknown;
  readonly complaints: readonly Issue[];
  /** Where in the file something of `value` comes from: where the preset or its parameter stands. */
  readonly originOf: (path: Path) => Path;
}

/** Which keys of a bundle a preset fills in, from which part of it. */
const PARTS = { targets: 'apply', confirm: 'proof', validate: 'checks' } as const;
type Key = keyof typeof PARTS;
const KEYS = Object.keys(PARTS) as Key[];

/**
 * Puts in place of each bundle's `preset` what it stands for. What the bundle says itself wins, each
 * key as a whole. A preset that cannot be used is complaints, and its bundle is left as it is.
 */
export function expandPresets(raw: unknown): Expanded {
  const bundles = valueAt(raw, ['bundles']);
  if (!Array.isArray(bundles)) return { value: raw, complaints: [], originOf: (path) => path };
  const complaints: Issue[] = [];
  const origins = new Map<string, Path>();
  const expanded = bundles.map((bundle: unknown, index) => {
    if (!isMapping(bundle) || !Object.hasOwn(bundle, 'preset')) return bundle;
    const { preset, ...own } = bundle;
    const place: Path = ['bundles', index];
    const asked = askedFor(preset, own, [...place, 'preset']);
    complaints.push(...asked.complaints);
    if (asked.name === undefined) return own;
    return { ...filledIn(asked.name, asked.values, { own, place, origins }), ...own };
  });
  return {
    value: { ...(raw as object), bundles: expanded },
    complaints,
    originOf: (path) => originOf(path, origins),
  };
}

interface Asked {
  readonly name: PresetName | undefined;
  readonly values: Readonly<Record<string, unknown>>;
  readonly complaints: readonly Issue[];
}

/** Which preset is meant, with what its parameters are. */
function askedFor(preset: unknown, own: Record<string, unknown>, path: Path): Asked {
  const isAlone = typeof preset === 'string';
  const name = isAlone ? preset : isMapping(preset) ? preset.name : undefined;
  const wrong = (at: Path, rule: string): Asked => ({
    name: undefined,
    values: {},
    complaints: [invalid(at, rule)],
  });
  if (!isAlone && !isMapping(preset))
    return wrong(path, `must be the name of a preset, or a mapping (is ${shownValue(preset)})`);
  if (name === undefined) return wrong(path, 'needs "name"');
  const at = isAlone ? path : [...path, 'name'];
  if (typeof name !== 'string' || !isPreset(name)) {
    const guess = typeof name === 'string' ? suggestion(name, Object.keys(PRESETS)) : '';
    return wrong(
      at,
      `must be one of ${Object.keys(PRESETS).join(', ')} (is ${shownValue(name)})${guess}`,
    );
  }
  const given = isMapping(preset) ? preset : { name };
  const complaints = [
    ...wrongParameters(name, given, path),
    ...uselessOnes(name, given, own, path),
  ];
  if (complaints.length > 0) return { name: undefined, values: {}, complaints };
  const parameters: Preset['parameters'] = PRESETS[name].parameters;
  const fallbacks = Object.entries(parameters).map(([key, { default: value }]) => [key, value]);
  return { name, values: { ...Object.fromEntries(fallbacks), ...given }, complaints: [] };
}

function wrongParameters(name: PresetName, given: Record<string, unknown>, path: Path): Issue[] {
  const parsed = parametersSchema(name).safeParse(given, { error: messageOf });
  if (parsed.success) return [];
  const { issues } = parsed.error;
  const known = ['name', ...Object.keys(PRESETS[name].parameters)];
  const keys = issues.flatMap((issue) => (issue.code === 'unrecognized_keys' ? issue.keys : []));
  const unknown = { path, keys, known };
  const others = issues.filter(({ code }) => code !== 'unrecognized_keys');
  return [
    ...unknownKeyIssues(unknown),
    ...others.flatMap((issue) => {
      const at = issue.path as Path;
      if (valueAt(given, at) !== undefined) return [invalid([...path, ...at], issue.message)];
      const missing = String(at[0]);
      const rule = `needs "${missing}"; lastgood presets ${name} shows how to write it`;
      return isMeantBy(missing, unknown) ? [] : [invalid(path, rule)];
    }),
  ];
}

/** A parameter of a part that the bundle says itself would do nothing, without a word. */
function uselessOnes(
  name: PresetName,
  given: Record<string, unknown>,
  own: Record<string, unknown>,
  path: Path,
): Issue[] {
  const { parameters, ...preset }: Preset = PRESETS[name];
  const known = Object.keys(parameters);
  return known.flatMap((parameter) => {
    if (!Object.hasOwn(given, parameter)) return [];
    const used = KEYS.filter((key) => namesIn(preset[PARTS[key]], known).includes(parameter));
    if (!used.every((key) => Object.hasOwn(own, key))) return [];
    const keys = used.map((key) => `"${key}"`).join(' and ');
    return [invalid([...path, parameter], `does nothing: the bundle has its own ${keys}`)];
  });
}

/**
 * What a preset stands for when only what is required is said; what that is keeps its `{name}`.
 */
export function meaningOf(name: PresetName): Readonly<Record<string, unknown>> {
  const parameters: Preset['parameters'] = PRESETS[name].parameters;
  const values = Object.entries(parameters).map(([key, { default: fallback, required }]) => [
    key,
    required === true ? `{${key}}` : fallback,
  ]);
  const into = { own: {}, place: [], origins: new Map() };
  return filledIn(name, Object.fromEntries(values), into);
}

interface Into {
  readonly own: Record<string, unknown>;
  readonly place: Path;
  readonly origins: Map<string, Path>;
}

function filledIn(
  name: PresetName,
  values: Readonly<Record<string, unknown>>,
  { own, place, origins }: Into,
): Record<string, unknown> {
  const preset: Preset = PRESETS[name];
  const known = Object.keys(preset.parameters);
  const bundle: Record<string, unknown> = {};
  for (const key of KEYS) {
    if (Object.hasOwn(own, key)) continue;
    const template: Value = preset[PARTS[key]];
    const filled = fill(template, values, known);
    if (filled === undefined || (Array.isArray(template) && template.length === 0)) continue;
    bundle[key] = filled.value;
    note(filled, [...place, key], { preset: [...place, 'preset'], origins });
  }
  return bundle;
}

/** A parameter that has been left out has no place, and stands for the preset itself. */
function note(
  { from }: Filled,
  path: Path,
  { preset, origins }: { readonly preset: Path; readonly origins: Map<string, Path> },
): void {
  origins.set(path.join('/'), preset);
  for (const { at, parameters } of from) {
    const [parameter = ''] = parameters;
    origins.set([...path, ...at].join('/'), [...preset, parameter]);
  }
}

/** Of the longest beginning of the path that a preset has made. */
function originOf(path: Path, origins: ReadonlyMap<string, Path>): Path {
  for (let length = path.length; length > 0; length -= 1) {
    const origin = origins.get(path.slice(0, length).join('/'));
    if (origin !== undefined) return origin;
  }
  return path;
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
