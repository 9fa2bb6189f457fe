/** Aborts at a signal. Further ones change nothing: the end is under way. */
export function stopSignal(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => controller.abort(new Error(signal)));
  return controller.signal;
}
