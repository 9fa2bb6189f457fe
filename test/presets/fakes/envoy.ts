/**
 * A fake Envoy that takes its listeners from a file in a watched directory. Source: Envoy documentation,
 * Dynamic from filesystem: it follows a move within the directory, and nothing else.
 */
import { watch } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { type FakeServer, serveFake } from './server.ts';

export interface FakeEnvoy extends FakeServer {
  readonly running: string;
  /** Reads its file, and watches from then on. */
  start(): Promise<void>;
}

export async function fakeEnvoy(context: TestContext, dir: string): Promise<FakeEnvoy> {
  let running = '';
  const counts = { success: 0, rejected: 0 };
  const update = async () => {
    const text = await readFile(join(dir, 'lds.yaml'), 'utf8');
    if (text.startsWith('resources:')) {
      running = text;
      counts.success += 1;
    } else counts.rejected += 1;
  };
  const server = await serveFake(context, ({ path }) => {
    if (path !== '/stats/prometheus') return { status: 404 };
    const body = Object.entries(counts)
      .map(([name, count]) => `envoy_listener_manager_lds_update_${name}{} ${count}\n`)
      .join('');
    return { status: 200, body };
  });
  return {
    ...server,
    start: async () => {
      await update();
      const watcher = watch(dir, (event, name) => {
        // The directory may be gone: the test is over.
        if (event === 'rename' && name === '..data') void update().catch(() => {});
      });
      context.after(() => watcher.close());
    },
    get running() {
      return running;
    },
  };
}
