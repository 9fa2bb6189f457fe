import type { Listener, Unsubscribe } from '../config.ts';
import { isSameValue } from '../values/diff.ts';
import { Cursor, type Step } from './cursor.ts';
import { guard } from './guard.ts';
import type { Versions } from './versions.ts';

interface Listening<T> {
  readonly listener: Listener<T>;
  readonly select: ((value: T) => unknown) | undefined;
  readonly report: (error: unknown) => void;
}

/** Calls a listener after each change, one at a time. An asynchronous one holds up no other. */
export function listen<T>(versions: Versions, index: number, listening: Listening<T>): Unsubscribe {
  const cursor = new Cursor<T>(versions, index);
  let phase: 'idle' | 'busy' | 'ended' = 'idle';
  const isEnded = () => phase === 'ended';

  const deliver = async () => {
    if (phase !== 'idle') return;
    phase = 'busy';
    for (let step = cursor.take(); step !== undefined; step = cursor.take()) {
      const makeStep = step;
      const calling = guard(() => callListener(listening, makeStep()), listening.report);
      // Without an `await`, so that a synchronous listener runs in the turn of the commit.
      if (calling !== undefined) await calling;
      if (isEnded()) return;
    }
    phase = 'idle';
  };

  const wake = () => void versions.pins.outside(deliver);
  const remove = versions.wakers.add(wake);
  // Inside of `run` the app reads an older version: it has not seen the active one.
  queueMicrotask(wake);
  return () => {
    phase = 'ended';
    remove();
  };
}

function callListener<T>({ listener, select }: Listening<T>, step: Step<T> | undefined): unknown {
  if (step === undefined) return undefined;
  const { next, previous, change } = step;
  if (select !== undefined && isSameValue(select(previous), select(next))) return undefined;
  return listener(next, previous, change);
}
