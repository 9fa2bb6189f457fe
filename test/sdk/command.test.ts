import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { bundle } from '../../sidecar/build/bundle.ts';
import { DEADLINE_MS } from '../deadline.ts';
import { temporaryDirectory } from '../kubelet/temporary-directory.ts';
import { faultOf, OLDER_NODES, programOf } from './nodes.ts';

const SOURCE = join(import.meta.dirname, '../../sidecar/src/main.ts');

test('the command says which Node.js is too old for it', async (t) => {
  const built = join(temporaryDirectory(t), 'lastgood.mjs');
  await bundle(SOURCE, { outfile: built });
  for (const node of OLDER_NODES) {
    const fault = faultOf(node);
    await t.test(node, { skip: fault !== undefined && !process.env.CI ? fault : false }, () => {
      const options = { encoding: 'utf8', timeout: DEADLINE_MS } as const;
      const { status, stderr } = spawnSync(programOf(node), [built, '--version'], options);
      const expected = `lastgood: needs Node.js 26 or newer, and this is v${node}\n`;
      assert.deepEqual([status, stderr], [2, expected]);
    });
  }
});
