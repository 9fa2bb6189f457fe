import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

const ROOT = join(import.meta.dirname, '../..');
const EXAMPLE = join(ROOT, 'examples/new-image');

for (const folder of ['v1', 'v2'])
  test(`the schema in the image is that of the code of ${folder}`, () => {
    const command = [join(ROOT, 'sidecar/src/main.ts'), 'schema', 'export'];
    const source = join(EXAMPLE, folder, 'config.ts');
    const { stdout } = spawnSync(process.execPath, [...command, source], { encoding: 'utf8' });
    const inImage = readFileSync(join(EXAMPLE, folder, 'config.schema.json'), 'utf8');
    assert.deepEqual(JSON.parse(inImage), JSON.parse(stdout));
  });
