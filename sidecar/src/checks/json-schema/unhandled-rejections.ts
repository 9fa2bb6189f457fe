import { AsyncLocalStorage } from 'node:async_hooks';

/** Whether the running code belongs to a schema module, or was started by it. */
const ofSchema = new AsyncLocalStorage<boolean>();

/**
 * Runs the code of a schema module. A promise that it drops, as zod does if a check is asynchronous,
 * would end the process if it is rejected. Those are ignored; all others still end the process.
 */
export function ignoreUnhandledRejections<Result>(work: () => Result): Result {
  if (!process.listeners('unhandledRejection').includes(onRejection))
    process.on('unhandledRejection', onRejection);
  return ofSchema.run(true, work);
}

function onRejection(reason: unknown): void {
  if (ofSchema.getStore() !== true) throw reason;
}
