/**
 * Waits until all have ended, and only then rejects with the first failure, because the caller may then
 * close or remove what the others use. A call that runs while its file descriptor is closed could reach
 * another file that gets the same number.
 */
export async function allSettledOrThrow<T extends readonly unknown[]>(
  promises: readonly [...{ [K in keyof T]: Promise<T[K]> }],
): Promise<T> {
  const results = await Promise.allSettled(promises);
  for (const result of results) if (result.status === 'rejected') throw result.reason;
  return results.map((result) => (result as PromiseFulfilledResult<unknown>).value) as unknown as T;
}

/**
 * Does `work` for each item, at most `lanes` at a time; each call gets the number of its lane. Starts no
 * more items after the first failure; otherwise like `allSettledOrThrow`.
 */
export async function mapConcurrent<T>(
  items: readonly T[],
  lanes: number,
  work: (item: T, lane: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  const run = async (lane: number) => {
    while (next < items.length) {
      try {
        await work(items[next++] as T, lane);
      } catch (error) {
        next = items.length;
        throw error;
      }
    }
  };
  await allSettledOrThrow(
    Array.from({ length: Math.min(lanes, items.length) }, (_, lane) => run(lane)),
  );
}
