/** A fake TorchServe with one registered model. Source: TorchServe documentation, Management API. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { type FakeServer, serveFake } from './server.ts';

export interface FakeTorchserve extends FakeServer {
  /** What the handler of each worker has read when it started; null: it cannot start. */
  readonly workers: readonly (string | null)[];
  scale(count: number): Promise<void>;
}

export async function fakeTorchserve(context: TestContext, dir: string): Promise<FakeTorchserve> {
  let workers: (string | null)[] = [];
  const start = async () => {
    const text = await readFile(join(dir, 'handler.json'), 'utf8');
    return text.includes('"device":"cpu"') ? text : null;
  };
  const scale = async (count: number) => {
    while (workers.length < count) workers.push(await start());
    workers = workers.slice(0, count);
  };
  const server = await serveFake(context, async ({ method, path, query }) => {
    if (path !== '/models/classifier')
      return { status: 404, body: { code: 404, type: 'ModelNotFoundException' } };
    if (method === 'PUT') {
      await scale(Number(query.get('min_worker') ?? 1));
      if (query.get('synchronous') !== 'true')
        return { status: 202, body: { status: 'Processing worker updates...' } };
      if (!workers.includes(null)) return { status: 200, body: { status: 'Workers scaled' } };
      const message = 'Failed to start workers for model classifier version: 1.0';
      return { status: 500, body: { code: 500, type: 'InternalServerException', message } };
    }
    const described = workers.map((read, index) => ({
      id: String(9000 + index),
      startTime: '2026-01-01T00:00:00.000Z',
      status: read === null ? 'UNLOADING' : 'READY',
      gpu: false,
      memoryUsage: 0,
    }));
    const body = [{ modelName: 'classifier', modelVersion: '1.0', workers: described }];
    return { status: 200, body };
  });
  return {
    ...server,
    scale,
    get workers() {
      return workers;
    },
  };
}
