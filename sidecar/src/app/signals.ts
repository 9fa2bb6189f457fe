/** Aborts at the first SIGTERM or SIGINT; a second one ends the process as it ends any other. */
export function stopSignal(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    process.once(signal, () => controller.abort(signal));
  return controller.signal;
}
