import { reasonOf } from '@lastgood/core/model/error.ts';
import type { Answer, Candidate, Subscriber } from './provider.ts';

/** The answer of a subscriber, which must not end the app, whatever is wrong with it. None: a rejection. */
export async function askSubscriber(
  subscriber: Subscriber | undefined,
  candidate: Candidate,
  signal: AbortSignal,
): Promise<Answer> {
  try {
    return (await subscriber?.prepare(candidate, signal)) ?? { verdict: 'reject', reasons: [] };
  } catch (error) {
    return { verdict: 'reject', reasons: [reasonOf(error)] };
  }
}
