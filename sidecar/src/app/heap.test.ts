import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { DEADLINE_MS } from '../../../test/deadline.ts';
import { findRoom, fitHeap } from './heap.ts';

const MIB = 2 ** 20;

test('a command does not start beside a sidecar that leaves it too little memory', async () => {
  const finding = await fitHeap({ limitBytes: 64 * MIB, heldBytes: 50 * MIB });
  assert.equal(finding?.code, 'LG_USAGE_MEMORY');
  assert.match(finding.message, /^this container has 14 MiB of memory left/);
});

test('a command is not loaded if it would not fit, or if another one runs in the container', async () => {
  const large = { limitBytes: 2 ** 31, heldBytes: 2 ** 31 };
  assert.equal(await findRoom(large), undefined);
  // A command of other tests on this machine may have the lock; it lasts no longer than that.
  const deadlineMs = performance.now() + DEADLINE_MS;
  let first = await findRoom({ limitBytes: 64 * MIB, heldBytes: 38 * MIB });
  while (first?.code === 'LG_USAGE_BUSY' && performance.now() < deadlineMs) {
    await sleep(20);
    first = await findRoom({ limitBytes: 64 * MIB, heldBytes: 38 * MIB });
  }
  assert.equal(first, undefined);
  // The lock of the first one lasts as long as the process.
  const other = await findRoom({ limitBytes: 64 * MIB, heldBytes: 38 * MIB });
  assert.equal(other?.code, 'LG_USAGE_BUSY');
});
