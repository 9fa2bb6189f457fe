import assert from 'node:assert/strict';
import { getEventListeners, once } from 'node:events';
import net from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Clock } from '@lastgood/core/model/clock.ts';
import type { ReloadEvent } from '@lastgood/core/model/reload-event.ts';
import type { Snapshot, Version } from '@lastgood/core/model/snapshot.ts';
import type { RolloutConfig } from '../../sidecar/src/rollout/state.ts';
import { BundleRunner } from '../../sidecar/src/runner/bundle-runner.ts';
import type { Ports } from '../../sidecar/src/runner/ports.ts';
import type { Delivery, Target } from '../../sidecar/src/steps/deliver/target.ts';
import { generation } from './configs.ts';
import { Pod } from './pod.ts';

/** A sleep under way; a test ends it. */
interface Sleep {
  readonly ms: number;
  readonly end: () => void;
}

/** A pipeline whose steps all accept at once, except its one target and the clock. */
class Bench {
  readonly events: ReloadEvent[] = [];
  readonly hurries: AbortSignal[] = [];
  readonly sleeps = new Set<Sleep>();
  /** The signal of each sleep, in order. */
  readonly signals: AbortSignal[] = [];
  /** The ids that beforeDelivery and confirm got, in order. */
  readonly baselines: string[] = [];
  readonly proven: string[] = [];
  readonly outcomes: string[] = [];
  readonly troubles: string[] = [];
  readonly runner: BundleRunner;
  deliver: (event: ReloadEvent) => Delivery | Promise<Delivery> = () => YES;
  #holds: Snapshot = snapshotOf(1);
  #ids = 0;

  constructor(plan: Partial<RolloutConfig> = {}) {
    const whole: RolloutConfig = {
      publishes: true,
      targets: [{ attempts: 3, backoffMs: 10_000, maxMs: 30_000 }],
      confirms: true,
      onFailure: 'rollback',
      ...plan,
    };
    const bundle = { name: 'model', mountedAt: '/config' };
    this.runner = new BundleRunner(bundle, whole, this.#ports(whole));
  }

  #ports({ targets }: RolloutConfig): Ports {
    const target: Target = {
      kind: 'socket',
      name: 'socket',
      deliver: async (event, hurry) => {
        this.events.push(event);
        this.hurries.push(hurry);
        return this.deliver(event);
      },
    };
    return {
      capture: async () => ({ ok: true, snapshot: this.#holds }),
      changedSinceStart: async () => false,
      validate: async () => ({ accepted: true, findings: [], isEquivalent: false, mayPass: false }),
      prepare: undefined,
      publish: async () => {},
      targets: targets.map(() => target),
      beforeDelivery: async (baselineId) => void this.baselines.push(baselineId),
      confirm: async ({ rollout }) => {
        this.proven.push(rollout);
        return { accepted: true, findings: [] };
      },
      keep: async () => {},
      readPublished: async () => null,
      readLastGood: async () => null,
      readJournal: async () => null,
      writeJournal: async () => {},
      retriesJournal: true,
      observer: {
        step: () => {},
        waiting: () => {},
        finished: ({ outcome }) => void this.outcomes.push(outcome),
        changed: () => {},
        blocked: () => {},
        problem: ({ message }) => void this.troubles.push(message),
      },
      clock: this.#clock(),
      // The shortest that a wait may become.
      random: () => 0,
      newId: () => {
        this.#ids += 1;
        return `id${this.#ids}`;
      },
    };
  }

  #clock(): Clock {
    const sleep: Clock['sleep'] = (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        const over = () => {
          this.sleeps.delete(entry);
          signal?.removeEventListener('abort', onAbort);
        };
        const entry = {
          ms,
          end: () => {
            over();
            resolve();
          },
        };
        const onAbort = () => {
          over();
          reject(signal?.reason);
        };
        this.sleeps.add(entry);
        if (signal !== undefined) this.signals.push(signal);
        signal?.addEventListener('abort', onAbort);
      });
    return { nowMs: () => 0, wallMs: () => 0, sleep };
  }

  /** The lengths of the sleeps under way, in order. */
  get waits(): readonly number[] {
    return [...this.sleeps].map(({ ms }) => ms).sort((a, b) => a - b);
  }

  async wake(ms: number): Promise<void> {
    const found = [...this.sleeps].find((sleep) => sleep.ms === ms);
    assert.ok(found, `no sleep of ${ms} ms, only ${this.waits}`);
    found.end();
    await settled();
  }

  async holds(number: number): Promise<void> {
    this.#holds = snapshotOf(number);
    await this.runner.reconcile();
    await settled();
  }
}

const YES: Delivery = { answer: 'accepted', findings: [] };

function snapshotOf(number: number): Snapshot {
  return { version: `sha256:${number}` as Version, files: [], sizeBytes: 0, writtenAtMs: 0 };
}

/** Everything here answers within a few turns of the event loop. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
}

/** A bench whose pod runs on version 1. */
async function steady(plan: Partial<RolloutConfig> = {}): Promise<Bench> {
  const bench = new Bench(plan);
  await bench.runner.start();
  await settled();
  assert.deepEqual(bench.outcomes, ['committed']);
  return bench;
}

test('what the app has asked for by Retry-After is never shortened; a wait of our own is spread', async () => {
  const bench = await steady();
  bench.deliver = () => ({ answer: 'fault', findings: [], retryAfterMs: 60_000 });
  await bench.holds(2);
  assert.deepEqual(bench.waits, [60_000]);
  bench.deliver = () => ({ answer: 'fault', findings: [], retryAfterMs: 12_000 });
  await bench.wake(60_000);
  assert.deepEqual(bench.waits, [12_000], 'more than half of 20 s');
  bench.deliver = () => ({ answer: 'fault', findings: [] });
  await bench.runner.stop();
  assert.deepEqual(bench.waits, []);
});

test('an absent app is tried each second, whatever the backoff', async () => {
  const bench = await steady();
  bench.deliver = () => ({ answer: 'absent', findings: [] });
  await bench.holds(2);
  for (let attempt = 1; attempt <= 5; attempt++) {
    assert.equal(bench.events.length, attempt);
    assert.deepEqual(bench.waits, [500], 'a second, spread over its upper half');
    await bench.wake(500);
  }
  bench.deliver = () => YES;
  await bench.wake(500);
  assert.deepEqual(
    bench.events.map(({ attempt }) => attempt),
    [1, 2, 3, 4, 5, 6, 7],
  );
  assert.deepEqual(bench.waits, [], 'nothing of the wait is left');
  assert.deepEqual(bench.outcomes, ['committed', 'committed']);
});

test('whatever goes wrong with an attempt after an absence, the wait comes to its end', async () => {
  const broken: Bench['deliver'][] = [
    () => Promise.reject(new Error('broken')),
    () => {
      throw new Error('broken');
    },
    () => ({ answer: 'fault', findings: [] }),
  ];
  for (const [index, deliver] of broken.entries()) {
    const bench = await steady();
    bench.deliver = () => ({ answer: 'absent', findings: [] });
    await bench.holds(2);
    bench.deliver = deliver;
    await bench.wake(500);
    assert.deepEqual(bench.waits, [5_000], 'the first wait after a fault');
    bench.deliver = () => YES;
    await bench.wake(5_000);
    assert.deepEqual([bench.events.length, bench.waits], [3, []]);
    assert.equal(bench.troubles.length, index < 2 ? 1 : 0);
  }
});

test('a wait that is over leaves no listener behind', async () => {
  const bench = await steady();
  bench.deliver = () => ({ answer: 'absent', findings: [] });
  await bench.holds(2);
  for (let count = 0; count < 5; count++) await bench.wake(500);
  assert.deepEqual(bench.waits, [500]);
  const listeners = () => bench.signals.map((signal) => getEventListeners(signal, 'abort').length);
  assert.deepEqual(listeners(), [0, 0, 0, 0, 0, 1], 'one for each wait');
  await bench.runner.stop();
  assert.deepEqual([bench.waits, listeners()], [[], [0, 0, 0, 0, 0, 0]]);
});

test('P6: a newer version interrupts a waiting delivery at once, and tells the one in hand to hurry', async () => {
  const bench = await steady();
  bench.deliver = () => ({ answer: 'absent', findings: [] });
  await bench.holds(2);
  bench.deliver = () => YES;
  await bench.holds(3);
  assert.deepEqual(
    bench.events.map(({ version }) => version),
    ['sha256:2', 'sha256:3'],
  );
  assert.deepEqual(bench.waits, []);
  const answer = Promise.withResolvers<Delivery>();
  bench.deliver = () => answer.promise;
  await bench.holds(4);
  assert.equal(bench.hurries.at(-1)?.aborted, false);
  await bench.holds(5);
  assert.equal(bench.hurries.at(-1)?.aborted, true);
  assert.equal(bench.events.length, 3, 'the delivery under way continues');
  bench.deliver = () => YES;
  answer.resolve(YES);
  await settled();
  assert.equal(bench.events.at(-1)?.version, 'sha256:5');
  assert.equal(bench.hurries.at(-1)?.aborted, false);
});

test('a rollback has another baseline than its rollout', async () => {
  const bench = await steady();
  bench.deliver = ({ reason }) =>
    reason === 'rollback' ? YES : { answer: 'refused', findings: [] };
  await bench.holds(2);
  assert.deepEqual(bench.outcomes, ['committed', 'rolled-back']);
  const [there = '', back = ''] = bench.baselines;
  assert.notEqual(there, back);
  assert.equal(bench.proven.at(-1), back);
});

test('without a target, the proof is prepared before the app can see the version', async () => {
  const bench = await steady({ targets: [] });
  assert.deepEqual(bench.baselines, [], 'at the start there is nothing to compare with');
  await bench.holds(2);
  assert.deepEqual(bench.baselines, bench.proven.slice(1));
});

/** A Unix socket that accepts every line. */
async function acceptAll(path: string): Promise<{ lines: string[]; close: () => void }> {
  const lines: string[] = [];
  const server = net.createServer((client) => {
    client.on('error', () => {});
    client.setEncoding('utf8').on('data', (line) => {
      lines.push(String(line));
      client.end('ok\n');
    });
  });
  await once(server.listen(path), 'listening');
  return { lines, close: () => server.close() };
}

test('an app that was down is notified when it comes up, whatever the backoff', async (t) => {
  const pod = await Pod.create(t, { confirm: false });
  const path = join(pod.dir, 'app.sock');
  const retries = { backoff: '5m', max: '10m' };
  pod.bundle.targets = [{ socket: { path, send: 'reload', success: '^ok', retries } }];
  await pod.configured();
  await pod.startOn(generation(1));
  await pod.write(generation(2));
  await pod.line(({ result }) => result === 'absent', 'an app that is not there');
  const since = pod.lines.length;
  // A newer version does not wait for the turn of the older one.
  await pod.write(generation(3));
  await pod.outcome('superseded', since);
  await pod.line(({ result }) => result === 'absent', 'an app that is not there', since);
  const app = await acceptAll(path);
  t.after(app.close);
  // The deadline of this wait is shorter than the backoff.
  await pod.outcome('committed', since);
  assert.deepEqual(app.lines, ['reload\n']);
  const { text } = await pod.page('/metrics');
  assert.match(text, /^lastgood_delivery_retries_total\{bundle="model",target="socket-0"\} [1-9]/m);
});
