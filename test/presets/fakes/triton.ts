/**
 * A fake Triton with `--model-control-mode=explicit`. Source: Triton Inference Server, Model Repository
 * Extension and Model Management; KServe Predict Protocol 2, Health.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { type FakeServer, serveFake } from './server.ts';

export interface FakeTriton extends FakeServer {
  /** What the model is loaded with: the text of its config.pbtxt. */
  readonly loaded: string | null;
  /** As `--load-model` at the start. */
  load(): Promise<void>;
}

export async function fakeTriton(context: TestContext, repository: string): Promise<FakeTriton> {
  let loaded: string | null = null;
  const load = async () => {
    const text = await readFile(join(repository, 'classifier/config.pbtxt'), 'utf8');
    if (!/^name: "classifier"$/m.test(text)) throw new Error('unexpected model name');
    loaded = text;
  };
  const server = await serveFake(context, async ({ method, path }) => {
    if (method === 'GET' && path === '/v2/models/classifier/ready')
      return { status: loaded === null ? 400 : 200 };
    if (method !== 'POST' || path !== '/v2/repository/models/classifier/load')
      return { status: 404, body: { error: 'Not Found' } };
    try {
      // A model that is loaded stays as it is when a reload fails.
      await load();
      return { status: 200 };
    } catch (error) {
      return { status: 400, body: { error: `failed to load 'classifier', ${error}` } };
    }
  });
  return {
    ...server,
    load,
    get loaded() {
      return loaded;
    },
  };
}
