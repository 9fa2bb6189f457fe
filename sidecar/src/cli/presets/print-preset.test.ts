import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from 'js-yaml';
import { PRESETS, type PresetName } from '../../presets/presets.ts';
import { renderDefaults } from '../../presets/render.ts';
import { printPresets } from './print-preset.ts';

const NAMES = Object.keys(PRESETS) as PresetName[];

test('without a name every preset is listed, each in a line', () => {
  const { end, output } = printPresets(undefined);
  assert.equal(end, 'good');
  const named = output.trimEnd().split('\n');
  assert.deepEqual(
    named.map((line) => line.split(' ')[0]),
    NAMES,
  );
});

for (const name of NAMES)
  test(`${name} as settings is YAML that fits on a screen`, () => {
    const { end, output } = printPresets(name);
    assert.equal(end, 'good');
    assert.deepEqual(load(output), renderDefaults(name));
    const comments = output.split('\n').filter((line) => line.startsWith('#'));
    assert.deepEqual(
      comments.filter((line) => line.length > 110),
      [],
    );
    for (const parameter of Object.keys(PRESETS[name].parameters))
      assert.match(output, new RegExp(`^#     (?:# )?${parameter}: `, 'm'));
  });

test('an unknown preset is wrong usage, with a guess', () => {
  const { end, findings } = printPresets('nginxx');
  assert.equal(end, 'unusable');
  assert.equal(findings[0]?.message, 'unknown preset "nginxx", did you mean "nginx"?');
});
