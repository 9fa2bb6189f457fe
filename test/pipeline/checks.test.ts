import assert from 'node:assert/strict';
import { readdir, readlink, rename, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { Pod, type PodOptions } from './pod.ts';

const CONFIG = 'model:\n  name: bert\nbatch_size: 16\nlabels: [a, b]\n';
const KEYS = { WORKERS: '4', CACHE_TTL: '300' };
const GOOD = { 'config.yaml': CONFIG, ...KEYS };

/** Refuses, as any program would, a file that has the word in it. */
const LINTER = `
const { readFileSync } = require('node:fs');
const lines = readFileSync(process.argv[1] + '/config.yaml', 'utf8').split('\\n');
const at = lines.findIndex((line) => line.includes('forbidden'));
if (at === -1) process.exit(0);
console.error(process.argv[1] + '/config.yaml:' + (at + 1) + ':1: this word is not welcome');
process.exit(3);
`;

async function podWith(context: TestContext, options: PodOptions = {}): Promise<Pod> {
  const pod = await Pod.create(context, options);
  const keys = { properties: { WORKERS: { type: 'integer', minimum: 1 } }, required: ['WORKERS'] };
  await writeFile(join(pod.dir, 'keys.schema.json'), JSON.stringify(keys));
  pod.bundle.validate = [
    {
      files: 'config.yaml',
      rules: [
        { rule: 'self.batch_size <= 64', message: 'batch_size must be at most 64' },
        { rule: 'self.model.name == oldSelf.model.name', message: 'the model cannot change' },
      ],
    },
    { keys: '[A-Z]*', schema: 'keys.schema.json' },
    { rules: [{ rule: 'int(self["config.yaml"].batch_size) > 0' }] },
    { shape: 'compatible' },
    { exec: { command: [process.execPath, '-e', LINTER, '{dir}'], timeout: '1m' } },
  ];
  await pod.configured();
  await pod.startOn(GOOD);
  return pod;
}

const REFUSED: readonly (readonly [what: string, files: Record<string, string>, said: RegExp])[] = [
  [
    'a rule that does not hold',
    { 'config.yaml': CONFIG.replace('16', '128') },
    /config\.yaml:3:13: batch_size must be at most 64 \[LG_VALIDATE_RULE\]/,
  ],
  [
    'a change that must not be',
    { 'config.yaml': CONFIG.replace('bert', 'gpt') },
    /config\.yaml:2:9: the model cannot change \[LG_VALIDATE_RULE\]/,
  ],
  ['a key out of its range', { WORKERS: '0' }, /WORKERS: must be >= 1 \(is 0\)/],
  [
    'a list that lost all its entries',
    { 'config.yaml': CONFIG.replace('[a, b]', '[]') },
    /config\.yaml:4:9: \/labels became an empty list \[LG_VALIDATE_SHAPE\]/,
  ],
  [
    'a command that refuses',
    { 'config.yaml': `${CONFIG}# forbidden\n` },
    /config\.yaml:5:1: node says: this word is not welcome \[LG_VALIDATE_EXEC\]/,
  ],
];

test('each kind of check keeps its bad content from the app, and good content goes through', async (context) => {
  const pod = await podWith(context);
  for (const [what, files, said] of REFUSED) {
    const since = pod.lines.length;
    await pod.write({ ...GOOD, ...files });
    const end = await pod.outcome('rejected', since);
    assert.match(String(end.msg), said, what);
    assert.deepEqual(await pod.published(), GOOD, what);
  }
  assert.deepEqual(pod.app.events, []);
  const since = pod.lines.length;
  const next = { ...GOOD, 'config.yaml': CONFIG.replace('16', '32'), WORKERS: '8' };
  await pod.write(next);
  await pod.outcome('committed', since);
  assert.deepEqual(await pod.published(), next);
  const staged = join(pod.dir, 'state', 'model', 'staged');
  assert.deepEqual(await readdir(staged), [], 'no copy is left');
  const { text } = await pod.page('/metrics');
  for (const check of ['parse', 'schema', 'rules', 'keys', 'shape', 'certificates', 'exec'])
    assert.match(text, new RegExp(`check_duration_seconds_count{bundle="model",check="${check}"}`));
});

test('a rule that cannot be right ends the start with 2, at its column', async (context) => {
  const pod = await Pod.create(context);
  pod.bundle.validate = [{ files: 'config.yaml', rules: [{ rule: 'sefl.a == 1' }] }];
  await pod.configured();
  pod.start();
  assert.equal(await pod.exit(), 2);
  assert.match(
    pod.stderr,
    /lastgood\.yaml:\d+:\d+: the rule cannot be used: unknown name "sefl", .*\[LG_SETTINGS_RULE\]/,
  );
});

test('P8: a secret that every check refuses appears in no log and on no page', async (context) => {
  const pod = await Pod.create(context, { volume: { secret: true } });
  pod.bundle.validate = [
    { files: 'config.yaml', rules: [{ rule: 'self.password == "x"' }, { rule: 'self.none > 1' }] },
    { traps: 'error' },
    { shape: 'same' },
  ];
  await pod.configured();
  await pod.startOn({ 'config.yaml': 'password: x\nnone: 2\n', token: 'abcdefgh' });
  const since = pod.lines.length;
  await pod.write({ 'config.yaml': 'password: hunter2\nnone: hunter2\n', token: 'aHVudGVyMg==\n' });
  await pod.outcome('rejected', since);
  const shown = [
    JSON.stringify(pod.lines),
    JSON.stringify(await pod.status()),
    (await pod.page('/metrics')).text,
    (await pod.page('/readyz')).text,
  ].join('\n');
  assert.match(shown, /LG_VALIDATE_RULE.*LG_VALIDATE_SHAPE|LG_VALIDATE_SHAPE.*LG_VALIDATE_RULE/);
  assert.doesNotMatch(shown, /hunter2|aHVudGVyMg/);
});

test('a command that fails since a name does not resolve yet is run again, with a line each time', async (context) => {
  const pod = await Pod.create(context);
  const there = join(pod.dir, 'resolves');
  const lookup = `process.exit(require('node:fs').existsSync(${JSON.stringify(there)}) ? 0 : 1)`;
  pod.bundle.validate = [{ exec: { command: [process.execPath, '-e', lookup], timeout: '1m' } }];
  const retries = { attempts: 1, backoff: '100ms', max: '100ms' };
  pod.bundle.targets = [{ webhook: { url: `${pod.app.url}/admin/reload`, retries } }];
  await pod.configured();
  await pod.write(GOOD);
  pod.start();
  const rejections = () => pod.lines.filter(({ outcome }) => outcome === 'rejected');
  await pod.until(() => (rejections().length >= 2 ? true : undefined), 'a second rejection');
  assert.match(`${rejections()[0]?.msg}`, /retries it within/);
  await writeFile(there, '');
  await pod.outcome('committed');
});

test('rejected content that is written again is checked again, with a line', async (context) => {
  const pod = await podWith(context);
  const bad = { ...GOOD, 'config.yaml': CONFIG.replace('16', '128') };
  const since = pod.lines.length;
  await pod.write(bad);
  await pod.outcome('rejected', since);
  const again = pod.lines.length;
  const link = join(pod.source, '..data');
  await symlink(await readlink(link), `${link}_tmp`);
  await rename(`${link}_tmp`, link);
  await pod.outcome('rejected', again);
});
