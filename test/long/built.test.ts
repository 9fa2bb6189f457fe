import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryDirectory } from '../kubelet/temporary-directory.ts';

const SIDECAR = join(import.meta.dirname, '../../sidecar');

const SETTINGS = `stateDir: state
bundles:
  - name: model
    volumes: [{ path: SOURCE }]
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

function run(program: string, args: readonly string[]) {
  const options = { encoding: 'utf8', timeout: 20_000 } as const;
  const { status, stderr } = spawnSync(process.execPath, [program, ...args], options);
  return { status, stderr };
}

for (const [what, schema, code] of SCHEMAS)
  test(`built as one file and alone, lastgood says of ${what} what the source says`, async (context) => {
    const dir = temporaryDirectory(context);
    const built = join(dir, 'lastgood.js');
    await copyFile(join(SIDECAR, 'dist/lastgood.js'), built);
    await mkdir(join(dir, 'source'));
    await writeFile(join(dir, 'source/config.yaml'), 'a: 1\n');
    await writeFile(join(dir, 'model.schema.json'), schema);
    const settings = SETTINGS.replace('SOURCE', join(dir, 'source')).replace(
      'stateDir: state',
      `stateDir: ${join(dir, 'state')}`,
    );
    await writeFile(join(dir, 'lastgood.yaml'), settings);
    const args = ['--config', join(dir, 'lastgood.yaml'), '--once'];
    const ofSource = run(join(SIDECAR, 'src/main.ts'), args);
    assert.deepEqual(run(built, args), ofSource);
    assert.equal(ofSource.status, code, ofSource.stderr);
  });
