import type { ProtocolEvent } from '@lastgood/core/model/sdk-protocol.ts';

/** More than this many wait only for a reader that has stopped. */
const MAX_WAITING = 16;

/** Events that wait for a slow reader, in order, without those that a later event has overtaken. */
export class EventQueue {
  #waiting: readonly ProtocolEvent[] = [];

  get isFull(): boolean {
    return this.#waiting.length > MAX_WAITING;
  }

  push(event: ProtocolEvent): void {
    const older = this.#waiting;
    this.#waiting = [...older.filter((each) => !isOvertaken(each, event, older)), event];
  }

  /** Removes and returns the oldest event. */
  take(): ProtocolEvent | undefined {
    const [oldest, ...rest] = this.#waiting;
    this.#waiting = rest;
    return oldest;
  }
}

function isOvertaken(
  older: ProtocolEvent,
  newer: ProtocolEvent,
  all: readonly ProtocolEvent[],
): boolean {
  const isSameRollout = rolloutOf(older) === rolloutOf(newer);
  if (older.event === newer.event && isSameRollout) return true;
  if (newer.event === 'abort')
    return isSameRollout && (older.event === 'prepare' || older.event === 'commit');
  if (newer.event !== 'prepare') return false;
  // A commit that waits stands, or the reader could miss a version that others run on.
  const isCommitted = all.some(
    ({ event, data }) => event === 'commit' && data.rollout === rolloutOf(older),
  );
  return older.event === 'prepare' ? !isCommitted : older.event === 'commit' && isSameRollout;
}

function rolloutOf({ data }: ProtocolEvent): string | undefined {
  return 'rollout' in data ? data.rollout : undefined;
}
