import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { launchOf } from '../../bench/sidecar.ts';
import { DEADLINE_MS } from '../deadline.ts';
import { temporaryDirectory } from '../kubelet/temporary-directory.ts';

const SIDECAR = join(import.meta.dirname, '../../sidecar');
const BUILT = join(SIDECAR, 'dist/lastgood.js');

const SETTINGS = `stateDir: state
bundles:
  - name: model
    volumes: [{ path: SOURCE }]
    maxSize: 16Mi
    validate: [{ files: config.yaml, schema: model.schema.json }]
`;

/** Schemas of both drafts, sound and not: their own schemas are built in as ready-made code. */
const SCHEMAS: readonly (readonly [what: string, schema: string, code: number])[] = [
  ['a sound schema', '{ "required": ["a"] }', 0],
  ['a schema that the content breaks', '{ "required": ["b"] }', 1],
  ['a broken schema', '{ "required": "b", "items": [1], "minLength": -1 }', 2],
  [
    'a sound schema of draft-07',
    '{ "$schema": "http://json-schema.org/draft-07/schema#", "items": [{}] }',
    0,
  ],
  [
    'a broken schema of draft-07',
    '{ "$schema": "http://json-schema.org/draft-07/schema#", "items": [1], "type": "strin" }',
    2,
  ],
];

/** Contents that are checked in a thread, which the built file must start from itself. */
const CONTENTS: readonly (readonly [what: string, content: string, code: number])[] = [
  ['a large file', `a: 1\nlist: [${'one, '.repeat(20_000)}]\n`, 0],
  ['a large file that the schema breaks', `b: 1\nlist: [${'one, '.repeat(20_000)}]\n`, 1],
  ['a file that takes more memory than there is', `a: [${'1,'.repeat(4_000_000)}1]\n`, 1],
];

/** Node strips the types, in the thread as well. */
const MODULE = `const needed: string = 'a';
export default { '~standard': { version: 1, vendor: 'test', validate: (value: object) =>
  needed in value ? { value } : { issues: [{ message: 'Lacks ' + needed }] } } };
`;

async function saysTheSame(
  dir: string,
  schema: string,
  content: string,
  name = 'model.schema.json',
): Promise<Said> {
  const built = join(dir, 'lastgood.js');
  await copyFile(BUILT, built);
  await mkdir(join(dir, 'source'));
  await writeFile(join(dir, 'source/config.yaml'), content);
  await writeFile(join(dir, name), schema);
  const settings = SETTINGS.replace('SOURCE', join(dir, 'source'))
    .replace('stateDir: state', `stateDir: ${join(dir, 'state')}`)
    .replace('model.schema.json', name);
  await writeFile(join(dir, 'lastgood.yaml'), settings);
  const args = ['--config', join(dir, 'lastgood.yaml'), '--once'];
  const ofSource = run(join(SIDECAR, 'src/main.ts'), args);
  assert.deepEqual(run(built, args), ofSource);
  return ofSource;
}

interface Said {
  readonly status: number | null;
  readonly stderr: string;
}

function run(program: string, args: readonly string[]): Said {
  const options = { encoding: 'utf8', timeout: DEADLINE_MS } as const;
  const { status, stderr } = spawnSync(
    process.execPath,
    [...launchOf(BUILT).flags, program, ...args],
    options,
  );
  return { status, stderr };
}

for (const [what, schema, code] of SCHEMAS)
  test(`built as one file and alone, lastgood reports the same as the source about ${what}`, async (context) => {
    const said = await saysTheSame(temporaryDirectory(context), schema, 'a: 1\n');
    assert.equal(said.status, code, said.stderr);
  });

for (const [what, content, code] of CONTENTS)
  test(`built as one file and alone, lastgood reports the same as the source about ${what}`, async (context) => {
    const said = await saysTheSame(temporaryDirectory(context), '{ "required": ["a"] }', content);
    assert.equal(said.status, code, said.stderr);
    if (what.includes('memory')) assert.match(said.stderr, /LG_VALIDATE_TOO_HEAVY/);
  });

for (const [what, content, code] of CONTENTS)
  test(`built as one file and alone, lastgood reports the same as the source about ${what}, by a module`, async (context) => {
    const dir = temporaryDirectory(context);
    const said = await saysTheSame(dir, MODULE, content, 'model.schema.ts');
    assert.equal(said.status, code, said.stderr);
  });

test('built as one file and alone, lastgood explains a code as the source does', async (context) => {
  const built = join(temporaryDirectory(context), 'lastgood.js');
  await copyFile(BUILT, built);
  const explain = (program: string) =>
    spawnSync(process.execPath, [program, 'doctor', '--explain', 'LG_CAPTURE_EMPTY'], {
      encoding: 'utf8',
      timeout: DEADLINE_MS,
    });
  const { status, stdout } = explain(join(SIDECAR, 'src/main.ts'));
  assert.equal(status, 0);
  assert.equal(explain(built).stdout, stdout);
});

/** What an `import` of a module of Node.js would load, or a dependency does, and no sidecar uses. */
const SPARED =
  /undici\/undici|http2\/core|dns\/promises|crypto\/webcrypto|internal\/blocklist|util\/diff/;

test('built as one file, lastgood loads no parts of Node.js that it does not use', async (context) => {
  const dir = temporaryDirectory(context);
  await writeFile(join(dir, 'config.yaml'), 'a: 1\n');
  const config = join(dir, 'lastgood.yaml');
  const bundle = { name: 'model', volumes: [{ path: join(dir, 'config.yaml') }] };
  const settings = { listen: '127.0.0.1:0', stateDir: join(dir, 'state'), bundles: [bundle] };
  await writeFile(config, JSON.stringify(settings));
  const script = "process.on('exit', () => console.error(process.moduleLoadList.join('\\n')))";
  const args = ['--import', `data:text/javascript,${script}`, BUILT, '--config', config];
  const child = spawn(process.execPath, args, { timeout: DEADLINE_MS, killSignal: 'SIGKILL' });
  const modules = text(child.stderr);
  const closed = once(child, 'close');
  for await (const line of createInterface({ input: child.stdout }))
    if (line.includes('"outcome"')) child.kill('SIGTERM');
  await closed;
  const loaded = (await modules).split('\n').filter((name) => name.startsWith('NativeModule'));
  assert.ok(loaded.includes('NativeModule _http_server'), await modules);
  assert.deepEqual(
    loaded.filter((name) => SPARED.test(name)),
    [],
  );
});
