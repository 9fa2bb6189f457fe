/**
 * A fake TensorFlow Serving that polls its model config file. Source: TensorFlow Serving documentation,
 * Reloading Model Server Configuration, and RESTful API, Model status.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { type FakeServer, serveFake } from './server.ts';

export interface FakeTfServing extends FakeServer {
  /** Reads the file now. From then on each answer is of a file that was read in the `pollMs` before it. */
  start(pollMs: number): void;
  readonly models: readonly string[];
}

export async function fakeTfServing(context: TestContext, dir: string): Promise<FakeTfServing> {
  let models: string[] = [];
  let everyMs = Number.POSITIVE_INFINITY;
  let polledMs = 0;
  const poll = () => {
    polledMs = performance.now();
    const text = readFileSync(join(dir, 'models.config'), 'utf8');
    // A file that cannot be read is logged, and what is served stays.
    if (!text.startsWith('model_config_list')) return;
    models = [...text.matchAll(/name: '(\w+)'/g)].map(([, name = '']) => name);
  };
  const server = await serveFake(context, ({ path }) => {
    // Not by a timer, which a busy machine may delay until long after this request.
    if (performance.now() - polledMs >= everyMs) poll();
    const name = /^\/v1\/models\/(\w+)$/.exec(path)?.[1] ?? '';
    if (!models.includes(name))
      return { status: 404, body: { error: `Could not find any versions of model ${name}` } };
    const status = { error_code: 'OK', error_message: '' };
    const body = { model_version_status: [{ version: '1', state: 'AVAILABLE', status }] };
    return { status: 200, body };
  });
  return {
    ...server,
    start: (pollMs) => {
      everyMs = pollMs;
      poll();
    },
    get models() {
      return models;
    },
  };
}
