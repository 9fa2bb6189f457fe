import assert from 'node:assert/strict';
import { test } from 'node:test';
import { memoryNow } from './container-memory.ts';

const MIB = 2 ** 20;

test('what this process holds counts, and what it may yet give back to the kernel does not', (t) => {
  t.mock.method(process, 'constrainedMemory', () => 2 ** 30);
  const before = memoryNow();
  assert.equal(before.limitBytes, 2 ** 30);
  const held = Buffer.alloc(32 * MIB, 1);
  const grownMib = (memoryNow().heldBytes - before.heldBytes) / MIB;
  assert.ok(grownMib > 28 && grownMib < 48, `${grownMib} MiB`);
  assert.equal(held.length, 32 * MIB);
});

test('a machine may have less than the limit says, and most have none', (t) => {
  const noLimits = [0, 2 ** 63];
  for (const limit of noLimits) {
    t.mock.method(process, 'constrainedMemory', () => limit);
    const { limitBytes, heldBytes } = memoryNow();
    assert.ok(limitBytes > heldBytes && limitBytes < 2 ** 50, `${limitBytes}`);
  }
});
