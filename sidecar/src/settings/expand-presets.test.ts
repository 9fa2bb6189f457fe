import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { formatFinding } from '@lastgood/core/model/finding.ts';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { Parameter, Preset } from '../presets/preset.ts';
import { PRESETS, type PresetName } from '../presets/presets.ts';
import { exampleValues, renderNames, renderPreset } from '../presets/render.ts';
import { settingsJsonSchema } from './json-schema.ts';
import { load } from './load.ts';
import type { BundleSettings } from './settings.ts';

const presets = Object.entries(PRESETS) as [PresetName, Preset][];

/** The settings with more keys in their only bundle, or the findings in them. */
async function loaded(keys: Record<string, unknown>) {
  const bundle = { name: 'model', volumes: [{ path: '/in' }], publish: '/live', ...keys };
  const text = JSON.stringify({ bundles: [bundle] });
  return load('f', async () => Buffer.from(text));
}

async function bundleOf(keys: Record<string, unknown>): Promise<BundleSettings> {
  const result = await loaded(keys);
  assert.ok(result.ok, JSON.stringify(result));
  assert.ok(result.settings.bundles[0]);
  return result.settings.bundles[0];
}

/** The findings in a bundle whose other lines start at line 4. */
async function findingsIn(lines: string): Promise<string[]> {
  const text = `bundles:\n  - name: model\n    volumes: [{ path: /in }]\n${lines}`;
  const result = await load('f', async () => Buffer.from(text));
  return result.ok ? [] : result.findings.map(formatFinding);
}

function given({ parameters }: Preset, wanted: (parameter: Parameter) => boolean) {
  const chosen = Object.entries(parameters).filter(([, parameter]) => wanted(parameter));
  return Object.fromEntries(
    chosen.map(([name, parameter]) => [name, parameter.example ?? parameter.default]),
  );
}

for (const [name, preset] of presets) {
  test(`${name}: required parameters are enough, and all can be set`, async () => {
    const least = await bundleOf({
      preset: { name, ...given(preset, ({ required }) => required === true) },
    });
    assert.ok(least.confirm !== undefined, 'there is a proof');
    assert.deepEqual(least.validate, [], 'no program is needed in the image of the sidecar');
    const most = await bundleOf({ preset: { name, ...given(preset, () => true) } });
    const { targets = [], validate = [] } = renderPreset(name, exampleValues(name)) as {
      targets?: unknown[];
      validate?: unknown[];
    };
    assert.equal(most.targets.length, targets.length);
    assert.equal(most.validate.length, validate.length);
    assert.equal(validate.length, 'check' in preset.parameters ? 1 : 0);
    assert.doesNotMatch(
      JSON.stringify(most),
      /\{(?!dir\})[a-z]+\}/,
      'every parameter is filled in',
    );
    const names = JSON.stringify(renderNames(name, exampleValues(name)));
    for (const parameter of Object.keys(preset.parameters))
      assert.ok(names.includes(`{${parameter}}`), `${parameter} is used`);
  });

  test(`${name}: describes itself in sentences`, () => {
    const { about, rollback, needs, limits, sources, parameters } = preset;
    for (const sentence of [about, rollback, ...needs, ...limits])
      assert.match(sentence, /^[A-Za-z`].{20,400}\.$/);
    assert.ok(sources.length > 0 && needs.length > 0);
    for (const [key, parameter] of Object.entries(parameters)) {
      assert.match(parameter.about, /^[A-Z].{10,100}\.$/, key);
      assert.ok(parameter.default !== undefined || parameter.example !== undefined, key);
    }
  });

  test(`${name}: has its own file, and a function that uses only its parameters`, () => {
    const once = renderPreset(name, exampleValues(name));
    assert.deepEqual(renderPreset(name, exampleValues(name)), once);
    const text = readFileSync(join(import.meta.dirname, `../presets/${name}.ts`), 'utf8');
    const imports = [...text.matchAll(/^import .* from '(.*)';$/gm)].map(([, from]) => from);
    assert.deepEqual(imports, ['./parts.ts', './preset.ts']);
    assert.match(text, /^export const \w+ = definePreset\(\{$[\s\S]*\n\}\);\n$/m);
    assert.doesNotMatch(text, /\b(?:await|async|process\.env|Date|Math|globalThis)\b/);
  });
}

const signalOf = ({ targets }: BundleSettings) =>
  targets.flatMap((target) => ('signal' in target ? [target.signal.process] : []));

test('a name alone takes every default, and parameters replace them', async () => {
  assert.deepEqual(signalOf(await bundleOf({ preset: 'nginx' })), ['nginx']);
  const preset = { name: 'nginx', process: 'openresty', health: 'http://localhost:1/h' };
  const bundle = await bundleOf({ preset });
  assert.deepEqual(signalOf(bundle), ['openresty']);
  assert.equal(bundle.confirm?.process?.process, 'openresty');
  assert.equal(bundle.confirm?.http?.url, 'http://localhost:1/h');
});

test('keys of the bundle itself win, each as a whole', async () => {
  const confirm = { http: { url: 'http://localhost:1/mine' } };
  const bundle = await bundleOf({ preset: 'nginx', confirm, validate: [{ shape: 'warn' }] });
  assert.deepEqual(signalOf(bundle), ['nginx']);
  assert.equal(bundle.confirm?.process, undefined);
  assert.deepEqual(bundle.validate, [{ shape: 'warn' }]);
  assert.deepEqual((await bundleOf({ preset: 'nginx', targets: [] })).targets, []);
});

test('a URL may end with a slash', async () => {
  const { targets } = await bundleOf({
    preset: { name: 'prometheus', url: 'http://localhost:9090/prom/' },
  });
  const [target] = targets;
  assert.ok(target !== undefined && 'webhook' in target);
  assert.equal(target.webhook.url, 'http://localhost:9090/prom/-/reload');
});

test('the arguments of a command parameter become arguments, and {dir} stays', async () => {
  const preset = { name: 'ray-serve', serve: ['python', '-m', 'ray.serve'] };
  const [target] = (await bundleOf({ preset })).targets;
  assert.ok(target !== undefined && 'exec' in target);
  assert.deepEqual(target.exec.command.slice(0, 5), [
    ...['python', '-m', 'ray.serve', 'deploy', '{dir}/serve.yaml'],
  ]);
});

const NAMES = Object.keys(PRESETS).join(', ');

const mistakes: [string, string, string[]][] = [
  [
    'an unknown preset, with a guess',
    '    preset: nginxx\n',
    [`f:4:13: bundles[0].preset must be one of ${NAMES} (is "nginxx"), did you mean "nginx"?`],
  ],
  [
    'a preset without a name',
    '    preset: { process: nginx }\n',
    ['f:4:13: bundles[0].preset needs "name"'],
  ],
  [
    'a list of presets',
    '    preset: [nginx]\n',
    ['f:4:13: bundles[0].preset must be the name of a preset, or a mapping (is a list)'],
  ],
  [
    'a parameter that does not exist',
    '    preset: { name: nginx, proces: web }\n',
    ['f:4:28: unknown key "proces", did you mean "process"? [LG_SETTINGS_UNKNOWN_KEY]'],
  ],
  [
    'a required parameter that is missing',
    '    preset: gunicorn\n',
    ['f:4:13: bundles[0].preset needs "health"; lastgood presets gunicorn shows how to write it'],
  ],
  [
    'a required parameter that is misspelt, once',
    '    preset: { name: triton, modell: a }\n',
    ['f:4:29: unknown key "modell", did you mean "model"? [LG_SETTINGS_UNKNOWN_KEY]'],
  ],
  [
    'a parameter of the wrong kind',
    '    preset:\n      name: prometheus\n      url: localhost\n',
    [
      'f:6:12: bundles[0].preset.url must be a URL with http:// or https://, or unix:/path/to.sock:/request/path',
    ],
  ],
  [
    'a name that would change the JSON around it',
    '    preset:\n      name: vllm\n      path: /a\n      adapter: \'a","x":"\'\n',
    [
      'f:7:16: bundles[0].preset.adapter must be letters, digits and any of . _ : / - (is "a\\",\\"x\\":\\"")',
    ],
  ],
  [
    'parameters that contradict each other, at the parameter',
    '    preset:\n      name: nginx\n      within: 5s\n      hold: 9s\n',
    ['f:6:15: bundles[0].confirm.within must be longer than hold, 9s (is 5s)'],
  ],
  [
    'a default of a preset that contradicts a parameter, at the preset',
    '    preset:\n      name: nginx\n      hold: 1m\n',
    ['f:4:5: bundles[0].confirm.within must be longer than hold, 1m (is 30s)'],
  ],
  [
    'a value that only the key behind the parameter refuses, at the parameter',
    '    preset: { name: nginx, within: 0s }\n',
    ['f:4:36: bundles[0].confirm.within must be longer than 0ms (is "0s")'],
  ],
  [
    'mistakes in one certificate of several',
    '    preset:\n      name: nginx\n      tls:\n        - { address: localhost, file: a }\n        - { adress: a, file: b }\n',
    [
      'f:7:22: bundles[0].preset.tls[0].address must be "host:port" or "[IPv6]:port" (is text)',
      'f:8:13: unknown key "adress", did you mean "address"? [LG_SETTINGS_UNKNOWN_KEY]',
    ],
  ],
  [
    'a certificate of a bundle whose files are not read, at the parameter',
    '    preset: { name: nginx, tls: { address: "localhost:443", file: a } }\n    reloadOn: swap\n',
    ['f:4:33: bundles[0].confirm.tls cannot be combined with reloadOn: swap, which reads no files'],
  ],
  [
    'a URL that only the path of the preset makes wrong, at the URL',
    "    preset:\n      name: triton\n      model: 'a:b'\n      url: 'unix:/s'\n",
    [
      'f:7:12: bundles[0].targets[0].webhook.url must be a valid URL',
      'f:7:12: bundles[0].confirm.http.url must be a valid URL',
    ],
  ],
  [
    'an unknown key below a parameter that is used three times',
    '    preset:\n      name: torchserve\n      model: a\n      auth: { bearer: b }\n',
    [
      'f:7:7: unknown key "bearer" [LG_SETTINGS_UNKNOWN_KEY]',
      'f:7:7: unknown key "bearer" [LG_SETTINGS_UNKNOWN_KEY]',
      'f:7:7: unknown key "bearer" [LG_SETTINGS_UNKNOWN_KEY]',
    ],
  ],
  [
    'a command that is too long, at its parameter',
    `    preset: { name: postgresql, psql: [${Array(99).fill('a').join(',')}] }\n`,
    ['f:4:39: bundles[0].confirm.exec.command must have at most 100 entries'],
  ],
  [
    'a parameter without effect',
    '    preset: { name: nginx, check: [nginx, -t] }\n    validate: []\n',
    ['f:4:35: bundles[0].preset.check has no effect: the bundle sets its own "validate"'],
  ],
  [
    'a misspelt preset key',
    '    presets: nginx\n',
    ['f:4:5: unknown key "presets", did you mean "preset"? [LG_SETTINGS_UNKNOWN_KEY]'],
  ],
];

for (const [what, lines, expected] of mistakes)
  test(`a finding: ${what}`, async () => {
    const found = await findingsIn(lines);
    assert.deepEqual(
      found,
      expected.map((line) => (line.endsWith(']') ? line : `${line} [LG_SETTINGS_INVALID]`)),
    );
  });

test('a mistake in a preset hides no other mistake', async () => {
  const found = await findingsIn('    preset: nginxx\n    settle: soon\n');
  assert.equal(found.length, 2);
});

test('P8: a password in the URL of a preset is in no finding', async () => {
  const lines = '    preset: { name: prometheus, url: "htp://u:hunter2@h" }\n';
  const found = (await findingsIn(lines)).join();
  assert.match(found, /must be a URL/);
  assert.doesNotMatch(found, /hunter/);
});

test('the JSON Schema knows every preset, its parameters and nothing else', () => {
  const validate = new Ajv2020({ strict: true, allowUnionTypes: true }).compile(
    settingsJsonSchema(),
  );
  const accepts = (preset: unknown) =>
    validate({ bundles: [{ name: 'model', volumes: [{ path: '/in' }], preset }] });
  for (const [name, preset] of presets)
    assert.ok(
      accepts({ name, ...given(preset, () => true) }),
      `${name} ${JSON.stringify(validate.errors)}`,
    );
  assert.ok(accepts('nginx'));
  for (const wrong of ['nginxx', 'gunicorn', { name: 'nginx', proces: 'web' }, {}, ['nginx']])
    assert.ok(!accepts(wrong), JSON.stringify(wrong));
});
