import { isPreset, PRESETS, type PresetName } from '../presets/presets.ts';
import {
  exampleValues,
  FILLED_KEYS,
  parameterIn,
  renderNames,
  renderPreset,
} from '../presets/render.ts';
import { suggestion } from './did-you-mean.ts';
import { type Issue, invalid, type Path, valueAt } from './issue.ts';
import { parametersSchema } from './preset-parameters.ts';
import { isMeantBy, unknownKeyIssues } from './unknown-keys.ts';
import { messageOf, shownValue } from './wording.ts';

/** A document in which every preset is replaced by the keys that it stands for. */
export interface Expanded {
  readonly value: unknown;
  readonly issues: readonly Issue[];
  /** Where a part of `value` comes from in the file: the preset or one of its parameters. */
  readonly originOf: (path: Path) => Path;
}

type Mapping = Readonly<Record<string, unknown>>;

/** A preset that a bundle uses, with the parameters that it sets. */
interface Use {
  readonly name: PresetName;
  readonly given: Mapping;
}

/**
 * Replaces the `preset` of each bundle by the keys that it stands for. Keys that the bundle sets
 * itself win, each as a whole. A preset that cannot be used is reported, and its bundle gets nothing.
 */
export function expandPresets(raw: unknown): Expanded {
  const bundles = valueAt(raw, ['bundles']);
  if (!Array.isArray(bundles)) return { value: raw, issues: [], originOf: (path) => path };
  const issues: Issue[] = [];
  const expanded = new Map<string | number | undefined, { use: Use; own: Mapping }>();
  const filled = bundles.map((bundle: unknown, index) => {
    if (!isMapping(bundle) || !Object.hasOwn(bundle, 'preset')) return bundle;
    const { preset, ...own } = bundle;
    const use = parsePreset(preset, own, { at: ['bundles', index, 'preset'], issues });
    if (use === undefined) return own;
    expanded.set(index, { use, own });
    return { ...renderPreset(use.name, use.given), ...own };
  });
  return {
    value: { ...(raw as object), bundles: filled },
    issues,
    originOf: (path) => {
      const [, index, key = '', ...rest] = path;
      const { use, own } = expanded.get(path[0] === 'bundles' ? index : undefined) ?? {};
      const isFilled = FILLED_KEYS.some((each) => each === key) && !Object.hasOwn(own ?? {}, key);
      if (use === undefined || !isFilled) return path;
      return ['bundles', index as number, 'preset', ...parameterAt(use, [key, ...rest])];
    },
  };
}

/** The parameter of which a part of a preset is made; none if the preset itself says so. */
function parameterAt({ name, given }: Use, path: Path): Path {
  let value: unknown = renderNames(name, given);
  for (const part of path) {
    if (typeof value !== 'object') break;
    value = valueAt(value, [part]);
  }
  const isLeaf =
    typeof value === 'string' ||
    (Array.isArray(value) && value.every((each) => typeof each === 'string'));
  const parameter = isLeaf ? parameterIn(name, value) : undefined;
  return parameter === undefined ? [] : [parameter];
}

/** Where a preset is, and the issues so far. */
interface Place {
  readonly at: Path;
  readonly issues: Issue[];
}

/** Which preset is meant with which parameters; undefined, with issues, if it cannot be used. */
function parsePreset(preset: unknown, own: Mapping, { at, issues }: Place): Use | undefined {
  const given = typeof preset === 'string' ? { name: preset } : preset;
  if (!isMapping(given)) {
    const rule = `must be the name of a preset, or a mapping (is ${shownValue(preset)})`;
    issues.push(invalid(at, rule));
    return undefined;
  }
  const { name } = given;
  if (name === undefined) {
    issues.push(invalid(at, 'needs "name"'));
    return undefined;
  }
  if (typeof name !== 'string' || !isPreset(name)) {
    const names = Object.keys(PRESETS);
    const guess = typeof name === 'string' ? suggestion(name, names) : '';
    const rule = `must be one of ${names.join(', ')} (is ${shownValue(name)})${guess}`;
    issues.push(invalid(given === preset ? [...at, 'name'] : at, rule));
    return undefined;
  }
  const wrong = [...checkParameters({ name, given }, at), ...checkUnused({ name, given }, own, at)];
  issues.push(...wrong);
  return wrong.length === 0 ? { name, given } : undefined;
}

function checkParameters({ name, given }: Use, at: Path): Issue[] {
  const parsed = parametersSchema(name).safeParse(given, { error: messageOf });
  if (parsed.success) return [];
  const { issues } = parsed.error;
  const known = ['name', ...Object.keys(PRESETS[name].parameters)];
  const keys = issues.flatMap((issue) => (issue.code === 'unrecognized_keys' ? issue.keys : []));
  const unknown = { path: at, keys, known };
  const others = issues.filter(({ code }) => code !== 'unrecognized_keys');
  return [
    ...unknownKeyIssues(unknown),
    ...others.flatMap(({ path, message }) => {
      if (valueAt(given, path as Path) !== undefined)
        return [invalid([...at, ...(path as Path)], message)];
      const missing = String(path[0]);
      const rule = `needs "${missing}"; lastgood presets ${name} shows how to write it`;
      return isMeantBy(missing, unknown) ? [] : [invalid(at, rule)];
    }),
  ];
}

/** A parameter of keys that the bundle sets itself would have no effect. */
function checkUnused({ name, given }: Use, own: Mapping, at: Path): Issue[] {
  const names = renderNames(name, exampleValues(name));
  return Object.keys(PRESETS[name].parameters).flatMap((parameter) => {
    if (!Object.hasOwn(given, parameter)) return [];
    const uses = FILLED_KEYS.filter((key) =>
      JSON.stringify(names[key])?.includes(`{${parameter}}`),
    );
    if (!uses.every((key) => Object.hasOwn(own, key))) return [];
    const keys = uses.map((key) => `"${key}"`).join(' and ');
    return [invalid([...at, parameter], `has no effect: the bundle sets its own ${keys}`)];
  });
}

function isMapping(value: unknown): value is Mapping {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
