import { dump } from 'js-yaml';
import type { Preset } from '../../presets/preset.ts';
import { isPreset, PRESETS, type PresetName } from '../../presets/presets.ts';
import { renderDefaults } from '../../presets/render.ts';
import { suggestion } from '../../settings/did-you-mean.ts';
import { shownValue } from '../../settings/wording.ts';
import { type CommandResult, wrongUsage } from '../command.ts';
import { wrapWords } from '../wrap-words.ts';

/** Comments are wrapped at this width. */
const MAX_WIDTH = 96;

/**
 * Lists every preset in one line each, or prints one as YAML to paste into a bundle and to change
 * there. An unknown name is wrong usage.
 */
export function printPresets(name: string | undefined): CommandResult {
  if (name === undefined) return { end: 'good', output: listPresets(), findings: [] };
  if (isPreset(name)) return { end: 'good', output: printPreset(name), findings: [] };
  const guess = suggestion(name, Object.keys(PRESETS));
  return wrongUsage(`unknown preset ${shownValue(name)}${guess}`);
}

function listPresets(): string {
  return Object.entries(PRESETS)
    .map(([name, { about }]) => `${name.padEnd(13)}${about}\n`)
    .join('');
}

function printPreset(name: PresetName): string {
  const preset: Preset = PRESETS[name];
  const { about, needs, limits, rollback } = preset;
  return [
    ...comment(`${name}: ${about}`),
    '#',
    ...section('Needs:', needs),
    ...section('Limits:', limits),
    ...section('Rollback:', [rollback]),
    ...parameterLines(name, preset),
    '#',
    '# As settings:',
    dump(renderDefaults(name), { lineWidth: -1, noRefs: true }),
  ].join('\n');
}

function section(title: string, sentences: readonly string[]): readonly string[] {
  if (sentences.length === 0) return [];
  return [`# ${title}`, ...sentences.flatMap((each) => comment(each, '- '))];
}

/** The preset with its parameters, as in a bundle; optional ones are commented out. */
function parameterLines(name: PresetName, { parameters }: Preset): readonly string[] {
  const lines = Object.entries(parameters).flatMap(([key, parameter]) => {
    const { about, required, default: fallback, example } = parameter;
    const isSet = required === true || fallback !== undefined;
    const value = JSON.stringify(fallback ?? example);
    return [`#     # ${about}`, `#     ${isSet ? '' : '# '}${key}: ${value}`];
  });
  return ['# Use it with:', '#   preset:', `#     name: ${name}`, ...lines];
}

function comment(text: string, mark = ''): readonly string[] {
  const indent = ' '.repeat(mark.length);
  return wrapWords(text, MAX_WIDTH - 2 - mark.length).map(
    (line, index) => `# ${index === 0 ? mark : indent}${line}`,
  );
}
