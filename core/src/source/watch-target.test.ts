import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { temporaryDirectory } from '../../../test/kubelet/temporary-directory.ts';
import { createWatchTarget } from './watch-target.ts';

const ALL = { includes: () => true, skips: () => false };

/** More turns of the event loop than it takes to inspect a volume. */
const MAX_TURNS = 40;

const MAKE = {
  'a file': (path: string) => writeFileSync(path, ''),
  'a directory': (path: string) => mkdirSync(path),
  nothing: () => {},
};

type Kind = keyof typeof MAKE;

const KINDS = Object.keys(MAKE) as Kind[];

for (const before of KINDS)
  for (const after of KINDS)
    test(`P3 ${before} that becomes ${after} while it is inspected is watched, or found to have changed`, async (t) => {
      const path = join(temporaryDirectory(t), 'config');
      for (let turns = 0; turns < MAX_TURNS; turns++) {
        rmSync(path, { recursive: true, force: true });
        MAKE[before](path);
        const inspected = createWatchTarget(path, ALL);
        for (let turn = 0; turn < turns; turn++) await nextTurn();
        rmSync(path, { recursive: true, force: true });
        MAKE[after](path);
        const target = await inspected;
        const watched = after === 'a directory' ? path : dirname(path);
        assert.ok(
          target.paths.includes(watched) || !(await target.isCurrent()),
          `after ${turns} turns: ${target.paths}`,
        );
      }
    });
