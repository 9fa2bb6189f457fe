import { findingOf } from '@lastgood/core/model/error.ts';
import { dump } from 'js-yaml';
import type { Preset } from '../../presets/preset.ts';
import { isPreset, PRESETS, type PresetName } from '../../presets/presets.ts';
import { renderDefaults } from '../../presets/render.ts';
import { suggestion } from '../../settings/did-you-mean.ts';
import { shownValue } from '../../settings/wording.ts';
import type { CommandResult } from '../command.ts';

/** Comments are broken at this width, and YAML only where it must be. */
const WIDTH = 96;

/**
 * What `lastgood presets` prints: every preset in a line, or as YAML what stands behind one of them,
 * ready to be pasted into a bundle and changed there. An unknown name is wrong usage.
 */
export function presetsCommand(name: string | undefined): CommandResult {
  if (name === undefined) return { end: 'good', output: list(), findings: [] };
  if (isPreset(name)) return { end: 'good', output: shown(name), findings: [] };
  const guess = suggestion(name, Object.keys(PRESETS));
  const finding = findingOf('LG_USAGE', [`unknown preset ${shownValue(name)}${guess}`]);
  return { end: 'unusable', output: '', findings: [finding] };
}

function list(): string {
  return Object.entries(PRESETS)
    .map(([name, { about }]) => `${name.padEnd(13)}${about}\n`)
    .join('');
}

function shown(name: PresetName): string {
  const preset: Preset = PRESETS[name];
  const { about, needs, limits, rollback } = preset;
  return [
    ...comment(`${name}: ${about}`),
    '#',
    ...section('It needs:', needs),
    ...section('Limits:', limits),
    ...section('Rollback:', [rollback]),
    ...parametersOf(name, preset),
    '#',
    '# It is short for:',
    yaml(renderDefaults(name)),
  ].join('\n');
}

function section(title: string, sentences: readonly string[]): readonly string[] {
  if (sentences.length === 0) return [];
  return [`# ${title}`, ...sentences.flatMap((each) => comment(each, '- '))];
}

/** As it is written, with what may be left out behind a `#`. */
function parametersOf(name: PresetName, { parameters }: Preset): readonly string[] {
  const all = Object.entries(parameters);
  const lines = all.flatMap(([key, { about, required, default: fallback, example }]) => {
    const value = JSON.stringify(fallback ?? example);
    const isSet = required === true || fallback !== undefined;
    return [`#     # ${about}`, `#     ${isSet ? '' : '# '}${key}: ${value}`];
  });
  return ['# Use it with', '#   preset:', `#     name: ${name}`, ...lines];
}

function yaml(value: unknown): string {
  return dump(value, { lineWidth: -1, noRefs: true });
}

function comment(text: string, mark = ''): readonly string[] {
  const lines: string[] = [];
  let line = mark;
  for (const word of text.split(' ')) {
    if (line.trim() !== mark.trim() && line.length + word.length > WIDTH - 2) {
      lines.push(line);
      line = ' '.repeat(mark.length);
    }
    line += line.length > mark.length ? ` ${word}` : word;
  }
  return [...lines, line].map((each) => `# ${each}`);
}
