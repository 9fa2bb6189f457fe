import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemoryLimit } from '../../bench/memory-limit.ts';
import { Pod } from './pod.ts';

const MAIN = new URL('../../sidecar/src/main.ts', import.meta.url).pathname;

/** Above what the source takes, below what a container needs, and enough. */
const CASES = [
  [63, true],
  [256, false],
] as const;

for (const [limitMib, warns] of CASES)
  test(`a memory limit of ${limitMib}Mi is ${warns ? 'a' : 'no'} warning at the start`, async (t) => {
    const limit = MemoryLimit.create(limitMib);
    if (limit === undefined) return t.skip('this machine does not let a memory limit be set');
    const pod = await Pod.create(t);
    t.after(async () => {
      await pod.kill();
      limit.remove();
    });
    await pod.write({ 'config.yaml': 'a: 1\n' });
    const flags = ['--max-semi-space-size=4', '--max-old-space-size=32'];
    const { command, args } = limit.applied({ command: process.execPath, args: [...flags, MAIN] });
    pod.start({ program: [command, ...args] });
    await pod.line((line) => line.address !== undefined, 'start');
    const found = pod.lines.some(({ code }) => code === 'LG_SETTINGS_LIMITS');
    assert.equal(found, warns);
  });
