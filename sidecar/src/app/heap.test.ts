import assert from 'node:assert/strict';
import { test } from 'node:test';
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
  assert.equal(await findRoom({ limitBytes: 64 * MIB, heldBytes: 38 * MIB }), undefined);
  // The lock of the first one lasts as long as the process.
  const other = await findRoom({ limitBytes: 64 * MIB, heldBytes: 38 * MIB });
  assert.equal(other?.code, 'LG_USAGE_BUSY');
});
