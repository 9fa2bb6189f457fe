import { isMapping, type Mapping } from '@lastgood/core/model/mapping.ts';
import { type Pointer, valueAt } from '@lastgood/core/model/pointer.ts';
import { isPreset, PRESETS, type PresetName } from '../presets/presets.ts';
import {
  exampleValues,
  FILLED_KEYS,
  parameterIn,
  renderNames,
  renderPreset,
} from '../presets/render.ts';
import { suggestion } from './did-you-mean.ts';
import { describeIssues, type Issue, invalid } from './issues.ts';
import { parametersSchema } from './preset-parameters.ts';
import { messageOf, shownValue } from './wording.ts';

/** A document in which every preset is replaced by the keys that it fills in. */
export interface Expanded {
  readonly value: unknown;
  readonly issues: readonly Issue[];
  /** Where a part of `value` comes from in the file: the preset or one of its parameters. */
  readonly originOf: (path: Pointer) => Pointer;
}

/** A preset that a bundle uses, with the parameters that it sets. */
interface Use {
  readonly name: PresetName;
  readonly given: Mapping;
  /** The other keys of the bundle. */
  readonly own: Mapping;
  readonly path: Pointer;
}

/**
 * Replaces the `preset` of each bundle by the keys that it fills in. Keys that the bundle sets
 * itself win, each as a whole. A preset that cannot be used is reported, and its bundle gets nothing.
 */
export function expandPresets(raw: unknown, bundles: readonly unknown[]): Expanded {
  const issues: Issue[] = [];
  const uses: (Use | undefined)[] = [];
  const expanded = bundles.map((bundle, index) => {
    if (!isMapping(bundle) || !Object.hasOwn(bundle, 'preset')) return bundle;
    const { preset, ...own } = bundle;
    const use = parsePreset(preset, own, ['bundles', index, 'preset']);
    if (Array.isArray(use)) {
      issues.push(...use);
      return own;
    }
    uses[index] = use;
    return { ...renderPreset(use.name, use.given), ...own };
  });
  return {
    value: { ...(raw as object), bundles: expanded },
    issues,
    originOf: (path) => {
      const [top, index, ...inside] = path;
      const use = top === 'bundles' ? uses[Number(index)] : undefined;
      const key = FILLED_KEYS.find((each) => each === inside[0]);
      if (use === undefined || key === undefined || Object.hasOwn(use.own, key)) return path;
      return [...use.path, ...parameterAt(inside, use)];
    },
  };
}

/** The parameter of which a part of a preset is made; none if it is made of the preset itself. */
function parameterAt(path: Pointer, { name, given }: Use): Pointer {
  let part: unknown = renderNames(name, given);
  for (const step of path) part = typeof part === 'object' ? valueAt(part, [step]) : part;
  const isText = [part].flat().every((text) => typeof text === 'string');
  const parameter = isText ? parameterIn(name, part) : undefined;
  return parameter === undefined ? [] : [parameter];
}

/** Which preset is meant with which parameters, or why it cannot be used. */
function parsePreset(preset: unknown, own: Mapping, path: Pointer): Use | Issue[] {
  const given = typeof preset === 'string' ? { name: preset } : preset;
  if (!isMapping(given))
    return [invalid(path, `must be the name of a preset, or a mapping (is ${shownValue(preset)})`)];
  const { name } = given;
  if (name === undefined) return [invalid(path, 'needs "name"')];
  if (typeof name !== 'string' || !isPreset(name)) {
    const names = Object.keys(PRESETS);
    const guess = typeof name === 'string' ? suggestion(name, names) : '';
    const rule = `must be one of ${names.join(', ')} (is ${shownValue(name)})${guess}`;
    return [invalid(given === preset ? [...path, 'name'] : path, rule)];
  }
  const use = { name, given, own, path };
  const schema = parametersSchema(name);
  const found = schema.safeParse(given, { error: messageOf }).error?.issues ?? [];
  const hint = `; lastgood presets ${name} shows how to write it`;
  const wrong = describeIssues(found, { schema, value: given, at: path, hint });
  const issues = [...wrong, ...checkUnused(use)];
  return issues.length === 0 ? use : issues;
}

/** A parameter of keys that the bundle sets itself would have no effect. */
function checkUnused({ name, given, own, path }: Use): Issue[] {
  const names = renderNames(name, exampleValues(name));
  const set = Object.keys(PRESETS[name].parameters).filter((each) => Object.hasOwn(given, each));
  return set.flatMap((parameter) => {
    const keys = FILLED_KEYS.filter((key) =>
      JSON.stringify(names[key])?.includes(`{${parameter}}`),
    );
    if (!keys.every((key) => Object.hasOwn(own, key))) return [];
    const list = keys.map((key) => `"${key}"`).join(' and ');
    return [invalid([...path, parameter], `has no effect: the bundle sets its own ${list}`)];
  });
}
