import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ProtocolEvent } from '@lastgood/core/model/sdk-protocol.ts';
import { EventQueue } from './event-queue.ts';
import { abort, commit, prepare, rollback, start, state } from './events.testing.ts';

function left(...events: ProtocolEvent[]): ProtocolEvent[] {
  const queue = new EventQueue();
  for (const event of events) queue.push(event);
  const taken: ProtocolEvent[] = [];
  for (let event = queue.take(); event !== undefined; event = queue.take()) taken.push(event);
  return taken;
}

test('events keep their order', () => {
  const events = [start(1), prepare(2), commit(2), state('degraded'), rollback(3)];
  assert.deepEqual(left(...events), events);
});

test('of several states, only the newest is left', () => {
  assert.deepEqual(left(state('ok'), start(1), state('degraded'), state('ok')), [
    start(1),
    state('ok'),
  ]);
});

test('a prepare that is aborted before it was sent is not sent', () => {
  assert.deepEqual(left(prepare(2), abort(2)), [abort(2)]);
  assert.deepEqual(left(prepare(2), commit(2), abort(2)), [abort(2)]);
  assert.deepEqual(left(prepare(2), abort(3)), [prepare(2), abort(3)]);
});

test('a newer prepare overtakes an older one, but not one that is committed', () => {
  assert.deepEqual(left(prepare(2), prepare(3)), [prepare(3)]);
  const committed = [prepare(2), commit(2), prepare(3)];
  assert.deepEqual(left(...committed), committed);
  const newer = [commit(2), prepare(3)];
  assert.deepEqual(left(...newer), newer);
});

test('retries of a delivery do not add up', () => {
  const retries = Array.from({ length: 100 }, () => [prepare(2), commit(2)]).flat();
  assert.deepEqual(left(...retries), [prepare(2), commit(2)]);
  assert.deepEqual(left(...Array.from({ length: 100 }, () => rollback(2))), [rollback(2)]);
});

test('whatever comes, the queue of a reader that has stopped gets full', () => {
  const queue = new EventQueue();
  let pushed = 0;
  for (; !queue.isFull && pushed < 100; pushed += 1) queue.push(commit(pushed));
  assert.ok(queue.isFull);
});
