import type { Version } from '@lastgood/core/model/snapshot.ts';
import type { Subscriber } from './subscriber.ts';

/** In `/status`. */
const MAX_SHOWN = 20;

/** One subscriber in `/status`. */
interface SubscriberStatus {
  readonly id: string;
  readonly name?: string;
  /** What it runs on, as far as it has said; null: nothing yet. */
  readonly version: Version | null;
  readonly state: string;
}

export interface SubscribersStatus {
  readonly count: number;
  /** The first ones. */
  readonly shown: readonly SubscriberStatus[];
}

type Scrub = (words: string) => string;

/** At most {@link MAX_SHOWN} of them. A name is the app's own words, and may have a secret in it (P8). */
export function statusOf(all: readonly Subscriber[], scrub: Scrub): SubscribersStatus {
  return { count: all.length, shown: all.slice(0, MAX_SHOWN).map((each) => show(each, scrub)) };
}

function show({ id, name, runs, isConnected, phase }: Subscriber, scrub: Scrub): SubscriberStatus {
  const answer = 'answer' in phase ? phase.answer : null;
  return {
    id,
    ...(name === undefined ? {} : { name: scrub(name) }),
    version: runs ?? null,
    state: isConnected ? (answer === null ? phase.name : ANSWERS[answer.verdict]) : 'disconnected',
  };
}

const ANSWERS = { accept: 'prepared', reject: 'refused', restart: 'needs-restart' } as const;
