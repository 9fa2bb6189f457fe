import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startLimited } from './limited-pod.ts';
import { Pod } from './pod.ts';

/** Below what a container needs, and enough. */
const CASES = [
  [63, true],
  [256, false],
] as const;

for (const [limitMib, warns] of CASES)
  test(`a memory limit of ${limitMib}Mi is ${warns ? 'a' : 'no'} warning at the start`, async (t) => {
    const pod = await Pod.create(t);
    await pod.write({ 'config.yaml': 'a: 1\n' });
    const isLimited = await startLimited(t, pod, limitMib);
    if (!isLimited) return t.skip('this machine does not let a memory limit be set');
    await pod.line((line) => line.address !== undefined, 'start');
    const found = pod.lines.some(({ code }) => code === 'LG_SETTINGS_LIMITS');
    assert.equal(found, warns);
  });
