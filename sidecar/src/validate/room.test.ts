import assert from 'node:assert/strict';
import { test } from 'node:test';
import { memoryNow, roomWithin } from './room.ts';

const MIB = 2 ** 20;

test('a thread has what the others in the container leave', () => {
  const cases: readonly (readonly [
    limitMib: number,
    heldMib: number,
    ReturnType<typeof roomWithin>,
  ])[] = [
    [64, 31, { heapMib: 25, isTight: true }],
    // With what lies on a tmpfs.
    [64, 36, { heapMib: 20, isTight: true }],
    [64, 60, { heapMib: -4, isTight: true }],
    [75, 31, { heapMib: 32, isTight: false }],
    [128, 31, { heapMib: 85, isTight: false }],
    [24 * 1024, 31, { heapMib: 256, isTight: false }],
  ];
  for (const [limit, held, expected] of cases)
    assert.deepEqual(roomWithin({ limitBytes: limit * MIB, heldBytes: held * MIB }), expected);
});

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
