import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fitHeap } from './heap.ts';

const MIB = 2 ** 20;

test('a command does not start beside a sidecar that leaves it too little memory', async () => {
  const finding = await fitHeap({ limitBytes: 64 * MIB, heldBytes: 50 * MIB });
  assert.equal(finding?.code, 'LG_USAGE_MEMORY');
  assert.match(finding.message, /^this container has 14 MiB of memory left/);
});
