import type { Subscribers, Target } from './target.ts';

/** Has the processes that subscribe over the SDK's socket switch together. */
export function createSubscribers(subscribers: Subscribers | undefined): Target {
  if (subscribers === undefined) throw new RangeError('no socket for the subscribers target');
  return {
    kind: 'subscribers',
    name: 'subscribers',
    deliver: (event, preempted) => subscribers.deliver(event, preempted),
  };
}
