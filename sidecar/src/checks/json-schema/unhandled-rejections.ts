import { AsyncLocalStorage } from 'node:async_hooks';

/** Whether what runs is the code of a schema, or was begun by it. */
const ofSchema = new AsyncLocalStorage<boolean>();

/**
 * Runs the code of a schema. A promise that it makes and drops, as zod does where a check is
 * asynchronous, would end the process when it is rejected. It is let go; any other still does.
 */
export function ignoreUnhandledRejections<Result>(work: () => Result): Result {
  if (!process.listeners('unhandledRejection').includes(onRejection))
    process.on('unhandledRejection', onRejection);
  return ofSchema.run(true, work);
}

function onRejection(reason: unknown): void {
  if (ofSchema.getStore() !== true) throw reason;
}
