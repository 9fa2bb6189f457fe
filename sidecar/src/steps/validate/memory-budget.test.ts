import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fitsTwice, isFull, memoryBudget, memoryNow } from './memory-budget.ts';

const MIB = 2 ** 20;

test('a thread has what the others in the container leave, and a large file a little more', () => {
  const cases: readonly (readonly [
    limitMib: number,
    heldMib: number,
    fileMib: number,
    ReturnType<typeof memoryBudget>,
  ])[] = [
    [64, 31, 0.1, { heapMib: 21, isTight: true }],
    [64, 31, 1, { heapMib: 24, isTight: true }],
    [64, 31, 4, { heapMib: 24, isTight: true }],
    // With what lies on a tmpfs.
    [64, 36, 1, { heapMib: 19, isTight: true }],
    [64, 60, 1, { heapMib: -5, isTight: true }],
    [79, 31, 1, { heapMib: 32, isTight: false }],
    [128, 31, 1, { heapMib: 81, isTight: false }],
    [24 * 1024, 31, 1, { heapMib: 256, isTight: false }],
  ];
  for (const [limit, held, file, expected] of cases) {
    const memory = { limitBytes: limit * MIB, heldBytes: held * MIB };
    assert.deepEqual(memoryBudget(memory, file * MIB), expected);
  }
});

test('positions are searched if a second parse fits into memory beside the values', () => {
  assert.equal(fitsTwice(24 * MIB, 0.6 * MIB), true);
  assert.equal(fitsTwice(24 * MIB, MIB), false);
  assert.equal(fitsTwice(64 * MIB, MIB), true);
});

test('a container is full just before the kernel would end what is in it', () => {
  assert.equal(isFull({ limitBytes: 64 * MIB, heldBytes: 62 * MIB }), false);
  assert.equal(isFull({ limitBytes: 64 * MIB, heldBytes: 63 * MIB }), true);
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
