import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { DEADLINE_MS } from '../deadline.ts';
import { AtomicWriter } from '../kubelet/atomic-writer.ts';
import { Random } from '../rollout/random.ts';
import { FAULTS, FaultyApp } from './outages.ts';

const MAIN = join(import.meta.dirname, '../../sidecar/dist/lastgood.js');
const SWAPS = Number(process.env.LASTGOOD_SWAPS ?? 100_000);
const SEED = Number(process.env.LASTGOOD_SEED ?? Date.now() % 1_000_000);
/** Swaps of one volume, after which the test waits for its last content. */
const MAX_BURST = 200;

/** Settings of a bundle that differ in the steps between the swap and the request. */
const SETUPS = {
  swap: { reloadOn: 'swap' },
  direct: {},
  checked: { validate: [{ files: 'config.yaml' }] },
  published: { publish: 'live' },
} as const;

interface Pair {
  readonly name: string;
  readonly writer: AtomicWriter;
  readonly app: FaultyApp;
}

test(`P3: the last of each run of swaps arrives, ${SWAPS} in all, whatever the endpoint does`, async (context) => {
  context.diagnostic(`LASTGOOD_SEED=${SEED}`);
  const pairs = await started(context);
  let done = 0;
  // Side by side, each at its own pace.
  const share = Math.ceil(SWAPS / pairs.length);
  await Promise.all(
    pairs.map(async (pair, index) => {
      const random = new Random(SEED + index);
      for (let count = 0; count < share; ) {
        const size = Math.min(1 + Math.floor(random.next() * MAX_BURST), share - count);
        await swapThrough(pair, random, { first: count, size });
        count += size;
        done += size;
      }
    }),
  );
  context.diagnostic(
    `${done} swaps; requests: ${pairs.map(({ name, app }) => `${name} ${app.requests}`).join(', ')}`,
  );
});

/** Swaps while the endpoint does one thing after the other, and then waits for the last content. */
async function swapThrough(
  { name, writer, app }: Pair,
  random: Random,
  { first, size }: { readonly first: number; readonly size: number },
): Promise<void> {
  let last = '';
  for (let swap = 0; swap < size; swap += 1) {
    if (random.chance(0.05)) await app.becomes(random.pick(FAULTS));
    last = `generation: ${first + swap}\n`;
    await writer.write({ 'config.yaml': { bytes: last } });
    // Mostly as fast as can be, and now and then with the time for a request or a retry.
    if (random.chance(0.3)) await sleep(random.next() * 8);
  }
  await app.becomes('none');
  const deadlineMs = performance.now() + DEADLINE_MS;
  while (app.seen !== last) {
    const where = `${name}, swap ${first + size}, LASTGOOD_SEED=${SEED}`;
    assert.ok(performance.now() < deadlineMs, `lost: ${last.trim()} (has ${app.seen}) ${where}`);
    await sleep(2);
  }
}

/** The built sidecar with a bundle of each kind. */
async function started(context: TestContext): Promise<readonly Pair[]> {
  const dir = await mkdtemp('/dev/shm/lastgood-outages-');
  const pairs: Pair[] = [];
  const bundles: object[] = [];
  for (const [name, setup] of Object.entries(SETUPS)) {
    const volume = join(dir, name, 'volume');
    await mkdir(volume, { recursive: true });
    const writer = new AtomicWriter(volume);
    await writer.write({ 'config.yaml': { bytes: 'generation: -1\n' } });
    const live = join(dir, name, 'live');
    await mkdir(live);
    const app = new FaultyApp(name === 'published' ? live : volume);
    await app.start();
    context.after(() => app.stop());
    const publish = 'publish' in setup ? { publish: live } : {};
    const retries = { attempts: 3, backoff: '5ms', max: '50ms' };
    const webhook = { url: app.url, body: 'none', timeout: '200ms', retries };
    bundles.push({
      name,
      volumes: [{ path: volume }],
      ...setup,
      ...publish,
      targets: [{ webhook }],
    });
    pairs.push({ name, writer, app });
  }
  const settings = join(dir, 'lastgood.yaml');
  const stateDir = join(dir, 'state');
  await writeFile(settings, JSON.stringify({ listen: '127.0.0.1:0', stateDir, bundles }));
  const child = spawn(process.execPath, [MAIN, '--config', settings], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  context.after(async () => {
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    await ended;
    await rm(dir, { recursive: true, force: true });
  });
  const lines = createInterface({ input: child.stdout });
  const waiting = new Set(Object.keys(SETUPS));
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const late = setTimeout(
    () => reject(new Error(`did not start: ${[...waiting].join(', ')}`)),
    DEADLINE_MS,
  );
  lines.on('line', (line) => {
    if (waiting.size === 0) return;
    const { outcome, bundle } = JSON.parse(line);
    if (outcome !== undefined) waiting.delete(bundle);
    if (waiting.size === 0) resolve();
  });
  await promise.finally(() => clearTimeout(late));
  return pairs;
}
