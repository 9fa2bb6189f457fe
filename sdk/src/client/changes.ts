import type { ChangeOf } from '../config.ts';
import type { Cursor } from './cursor.ts';
import type { Versions } from './versions.ts';

/** The changes that a cursor finds, until the signal, `return` or close. It keeps nothing for a slow reader. */
export function iterateChanges<T>(
  versions: Versions,
  cursor: Cursor<T>,
  signal: AbortSignal | undefined,
): AsyncIterableIterator<ChangeOf<T>> {
  const end = new AbortController();
  const abort = () => end.abort();
  if (signal?.aborted) abort();
  signal?.addEventListener('abort', abort, { once: true });

  const steps = takeSteps(versions, cursor, end.signal);
  const stop = async () => {
    abort();
    signal?.removeEventListener('abort', abort);
    return { done: true, value: undefined } as const;
  };
  return {
    async next() {
      const result = await steps.next();
      return result.done ? stop() : result;
    },
    return: stop,
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

async function* takeSteps<T>(
  versions: Versions,
  cursor: Cursor<T>,
  signal: AbortSignal,
): AsyncGenerator<ChangeOf<T>, void> {
  while (!signal.aborted && !versions.isClosed) {
    const takeStep = cursor.take();
    const step = takeStep?.();
    if (step !== undefined)
      yield Object.freeze({ ...step.change, next: step.next, previousValue: step.previous });
    else if (takeStep === undefined) await nextWake(versions, signal);
  }
}

function nextWake(versions: Versions, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const wake = () => {
      remove();
      signal.removeEventListener('abort', wake);
      resolve();
    };
    const remove = versions.wakers.add(wake);
    signal.addEventListener('abort', wake, { once: true });
  });
}
