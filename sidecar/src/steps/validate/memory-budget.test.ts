import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fitsTwice, isFull, memoryBudget } from './memory-budget.ts';

const MIB = 2 ** 20;

test('a thread has the same heap at each moment, unless others in the container take more than usual', () => {
  const cases: readonly (readonly [
    limitMib: number,
    heldMib: number,
    ReturnType<typeof memoryBudget>,
  ])[] = [
    // At the start, and after many versions.
    [64, 27.7, { heapMib: 22, isTight: true }],
    [64, 33.5, { heapMib: 22, isTight: true }],
    // With what lies on a tmpfs.
    [64, 36, { heapMib: 19, isTight: true }],
    [64, 60, { heapMib: -5, isTight: true }],
    [79, 31, { heapMib: 32, isTight: false }],
    [128, 28, { heapMib: 81, isTight: false }],
    [128, 34, { heapMib: 81, isTight: false }],
    [24 * 1024, 31, { heapMib: 256, isTight: false }],
  ];
  for (const [limit, held, expected] of cases)
    assert.deepEqual(
      memoryBudget({ limitBytes: limit * MIB, heldBytes: held * MIB }),
      expected,
      `${limit} ${held}`,
    );
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
