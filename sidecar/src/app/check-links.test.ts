import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { systemClock } from '@lastgood/core/model/clock.ts';
import { temporaryDirectory } from '../../../test/kubelet/temporary-directory.ts';
import type { Settings } from '../settings/settings.ts';
import { refuseLinkedOverlaps } from './check-links.ts';

test('P8 nothing that lastgood writes may be in a volume, wherever its links lead', async (t) => {
  const dir = temporaryDirectory(t);
  for (const name of ['volume', 'other', 'state']) mkdirSync(join(dir, name));
  symlinkSync('volume', join(dir, 'link'));
  symlinkSync('state', join(dir, 'to-state'));
  interface More {
    readonly stateDir?: string;
    readonly runDir?: string;
    readonly publish?: string;
    readonly to?: string;
    readonly path?: string;
  }
  const check = (more: More) => {
    const { stateDir = join(dir, 'state'), publish, to, path = join(dir, 'volume') } = more;
    const { runDir = join(dir, 'run') } = more;
    const targets = more.runDir === undefined ? [] : [{ subscribers: { secrets: true } }];
    const volume = { path, at: '.', include: ['**'], exclude: [], secret: true };
    const expand = to === undefined ? undefined : { file: 'a', to, ordinalFrom: undefined };
    const bundle = { name: 'model', volumes: [volume], publish, expand, targets };
    const settings = { stateDir, runDir, bundles: [bundle] } as unknown as Settings;
    return refuseLinkedOverlaps(settings, systemClock);
  };
  await check({ publish: join(dir, 'other/live'), to: join(dir, 'other/a') });
  for (const [more, words] of [
    [{ stateDir: join(dir, 'link/not-yet') }, /volumes\[0\]\.path must not be around stateDir/],
    [{ publish: join(dir, 'link/live') }, /publish must not be inside the volume/],
    [{ publish: join(dir, 'link') }, /publish must not be the volume/],
    [{ to: join(dir, 'link/sub/a') }, /expand\.to must not be inside the volume/],
    [{ path: join(dir, 'to-state') }, /volumes\[0\]\.path must not be stateDir/],
    [{ publish: join(dir, 'to-state/live') }, /publish must not be inside stateDir/],
    [{ runDir: join(dir, 'link/run') }, /volumes\[0\]\.path must not be around runDir/],
    [{ runDir: join(dir, 'to-state') }, /^runDir must not be stateDir/],
  ] as const)
    await assert.rejects(check(more), (error: { code?: string; message?: string }) => {
      assert.equal(error.code, 'LG_SETTINGS_INVALID');
      assert.match(error.message ?? '', words);
      assert.match(error.message ?? '', /, as its links lead$/);
      return true;
    });
});
