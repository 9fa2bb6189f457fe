/**
 * A fake Fluent Bit with hot reload. Source: Fluent Bit documentation, Hot reload and Monitoring: the
 * answer comes before the file is read, and a reload that fails leaves the old pipeline as it is.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { type FakeServer, serveFake } from './server.ts';

export interface FakeFluentBit extends FakeServer {
  readonly running: string;
  /** Reads its file, as at its start. */
  start(): Promise<void>;
}

export async function fakeFluentBit(context: TestContext, dir: string): Promise<FakeFluentBit> {
  let running = '';
  let reloads = 0;
  const read = async () => {
    const text = await readFile(join(dir, 'fluent-bit.conf'), 'utf8');
    if (!text.startsWith('[SERVICE]')) throw new Error('undefined section');
    running = text;
  };
  const server = await serveFake(context, ({ method, path }) => {
    if (path === '/api/v2/metrics/prometheus') {
      const series = `fluentbit_hot_reloaded_times{hostname="fake"} ${reloads}`;
      return { status: 200, body: `# TYPE fluentbit_hot_reloaded_times gauge\n${series}\n` };
    }
    if (path !== '/api/v2/reload') return { status: 404 };
    if (method === 'GET') return { status: 200, body: { hot_reload_count: reloads } };
    if (method !== 'POST' && method !== 'PUT') return { status: 400 };
    const reload = async () => {
      await read();
      reloads += 1;
    };
    setTimeout(() => void reload().catch(() => {}), 50);
    return { status: 200, body: { reload: 'done', status: 0 } };
  });
  return {
    ...server,
    start: read,
    get running() {
      return running;
    },
  };
}
