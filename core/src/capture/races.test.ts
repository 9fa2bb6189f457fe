import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  lstatSync,
  readdirSync,
  renameSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { temporaryDirectory } from '../../../test/kubelet/temporary-directory.ts';
import { type Clock, systemClock } from '../model/clock.ts';
import type { Snapshot } from '../model/snapshot.ts';
import {
  capturerOf,
  findingsIn,
  kubeletVolume,
  snapshotIn,
  textsIn,
  volumeAt,
} from './capture.testing.ts';

const KUBELET = join(import.meta.dirname, '../../../test/kubelet/atomic-writer.ts');

/** Runs a script beside the test; `ended` resolves when it is done, and rejects if it failed. */
function runBeside(t: TestContext, script: string) {
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(() => child.kill('SIGKILL'));
  const state = { isRunning: true };
  const ended = once(child, 'exit').then(([code]) => {
    state.isRunning = false;
    assert.equal(code, 0);
  });
  // A test that ends without waiting for it kills it.
  ended.catch(() => {});
  return { state, ended, started: once(child.stdout, 'data') };
}

/** Content that shows whether any two pieces of it come from two generations. */
const WRITE_GENERATIONS = `
  import { AtomicWriter } from ${JSON.stringify(KUBELET)};
  const content = (generation) => String(generation).padStart(8, '0').repeat(300);
  const payload = (generation) => ({
    'a.yaml': { bytes: content(generation) },
    'sub/b.yaml': { bytes: content(generation) },
  });`;

/** The generation of each file; fails if a file is a mix by itself. */
function generationsIn(snapshot: Snapshot): Record<string, number> {
  return Object.fromEntries(
    snapshot.files.map(({ path, bytes }) => {
      const text = bytes.toString();
      const generation = text.slice(0, 8);
      assert.equal(text, generation.repeat(300), `${path} is torn`);
      return [path, Number(generation)];
    }),
  );
}

test('P1 P3 no capture mixes two versions while a volume swaps 3000 times, and the last one is captured', async (t) => {
  const path = temporaryDirectory(t);
  const child = runBeside(
    t,
    `${WRITE_GENERATIONS}
    const writer = new AtomicWriter(${JSON.stringify(path)});
    for (let generation = 1; generation <= 3000; generation++) {
      await writer.write(payload(generation));
      if (generation === 1) process.stdout.write('started');
      // Now and then it holds still, as captures of nothing but a storm would prove little.
      if (generation % 10 === 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 4);
    }`,
  );
  await child.started;
  const capture = capturerOf([volumeAt(path)]);
  const seen = new Set<number>();
  while (child.state.isRunning) {
    const captured = await capture();
    if (!captured.ok) {
      assert.match(findingsIn(captured).join(), /LG_CAPTURE_UNSTABLE/);
      continue;
    }
    const { 'a.yaml': a, 'sub/b.yaml': b, ...others } = generationsIn(captured.snapshot);
    assert.equal(a, b);
    assert.deepEqual(others, {});
    seen.add(a ?? 0);
  }
  await child.ended;
  assert.ok(seen.size > 10, `only ${seen.size} different versions were captured`);
  assert.equal(generationsIn(snapshotIn(await capture()))['a.yaml'], 3000);
});

test('P1 a snapshot of two volumes is one moment of both', async (t) => {
  const [one, two] = [temporaryDirectory(t), temporaryDirectory(t)];
  const child = runBeside(
    t,
    `${WRITE_GENERATIONS}
    const one = new AtomicWriter(${JSON.stringify(one)});
    const two = new AtomicWriter(${JSON.stringify(two)});
    for (let generation = 1; generation <= 1500; generation++) {
      await one.write(payload(generation));
      await two.write(payload(generation));
      if (generation === 1) process.stdout.write('started');
      if (generation % 5 === 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 3);
    }`,
  );
  await child.started;
  const capture = capturerOf([volumeAt(one, { at: 'one' }), volumeAt(two, { at: 'two' })]);
  const leads = new Map<number, number>();
  while (child.state.isRunning) {
    const captured = await capture();
    if (!captured.ok) continue;
    const generations = generationsIn(captured.snapshot);
    const lead = (generations['one/a.yaml'] ?? 0) - (generations['two/sub/b.yaml'] ?? 0);
    leads.set(lead, (leads.get(lead) ?? 0) + 1);
  }
  await child.ended;
  // The first volume is written first: at every moment it is level or one ahead.
  assert.deepEqual(
    [...leads.keys()].filter((lead) => lead !== 0 && lead !== 1),
    [],
  );
  assert.ok((leads.get(0) ?? 0) > 10);
});

test('P1 files that are edited in place are captured as they were at one moment', async (t) => {
  const path = temporaryDirectory(t);
  const child = runBeside(
    t,
    `import { openSync, writeSync } from 'node:fs';
    const content = (generation) => String(generation).padStart(8, '0').repeat(300);
    const [a, b] = ['a', 'b'].map((name) => openSync(${JSON.stringify(`${path}/`)} + name, 'w'));
    for (let generation = 1; generation <= 1500; generation++) {
      writeSync(a, content(generation), 0);
      writeSync(b, content(generation), 0);
      if (generation === 1) process.stdout.write('started');
      // No truncation and no rename: size and inode stay, and the times tick only each few ms.
      if (generation % 100 === 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 150);
    }`,
  );
  await child.started;
  const capture = capturerOf([volumeAt(path)]);
  let count = 0;
  while (child.state.isRunning) {
    const captured = await capture();
    if (!captured.ok) continue;
    const { a = 0, b = 0 } = generationsIn(captured.snapshot);
    assert.ok(a === b || a === b + 1, `a is of ${a}, b of ${b}`);
    count += 1;
  }
  await child.ended;
  assert.ok(count > 5, `only ${count} captures`);
  assert.deepEqual(generationsIn(snapshotIn(await capture())), { a: 1500, b: 1500 });
});

test('a volume that keeps changing is reported within a bounded time', async (t) => {
  const path = temporaryDirectory(t);
  const file = join(path, 'log');
  writeFileSync(file, 'x');
  const restless: Clock = {
    ...systemClock,
    // Whatever this machine is busy with, the last edit was just now …
    wallMs: () => statSync(file).ctimeMs,
    // … and the next one comes before the next check.
    sleep: async (ms, signal) => {
      await systemClock.sleep(ms, signal);
      appendFileSync(file, 'x');
    },
  };
  assert.match(
    findingsIn(await capturerOf([volumeAt(path)], { clock: restless })()).join(),
    /kept changing while it was read, 25 times in a row \[LG_CAPTURE_UNSTABLE\]$/,
  );
});

test('a capture waits for the links that the kubelet makes after its swap', async (t) => {
  const hold = Promise.withResolvers<void>();
  const swapped = Promise.withResolvers<void>();
  const { path, write } = kubeletVolume(t, {
    onStep: async (step) => {
      if (step !== 'link-names') return;
      swapped.resolve();
      await hold.promise;
    },
  });
  const writing = write({ 'a.yaml': '1', 'sub/b.yaml': '2' });
  await swapped.promise;
  let isCaptured = false;
  const capturing = capturerOf([volumeAt(path)])().then((captured) => {
    isCaptured = true;
    return captured;
  });
  await pause(50);
  assert.equal(isCaptured, false);
  assert.deepEqual(
    readdirSync(path).filter((name) => !name.startsWith('..')),
    [],
  );
  hold.resolve();
  await writing;
  assert.deepEqual(textsIn(snapshotIn(await capturing)), { 'a.yaml': '1', 'sub/b.yaml': '2' });
  assert.ok(lstatSync(join(path, 'sub')).isSymbolicLink());
});

test('a capture waits for missing links only once, and for a bounded time', async (t) => {
  const { path, write } = kubeletVolume(t, {
    onStep: (step) => {
      if (step === 'link-names') throw new Error('the kubelet was killed');
    },
  });
  await assert.rejects(write({ 'a.yaml': '1' }));
  const capture = capturerOf([volumeAt(path)]);
  assert.deepEqual(textsIn(snapshotIn(await capture())), { 'a.yaml': '1' });
  const beganMs = performance.now();
  snapshotIn(await capture());
  assert.ok(performance.now() - beganMs < 900, 'waited a second time');
});

test('the links of an older kubelet before its first swap cause no finding', async (t) => {
  const linked = Promise.withResolvers<void>();
  const { path, write } = kubeletVolume(t, {
    order: 'old',
    onStep: async (step) => {
      if (step !== 'link-data-tmp') return;
      linked.resolve();
      await pause(30);
    },
  });
  const writing = write({ 'a.yaml': '1' });
  await linked.promise;
  assert.ok(lstatSync(join(path, 'a.yaml')).isSymbolicLink());
  assert.deepEqual(textsIn(snapshotIn(await capturerOf([volumeAt(path)])())), { 'a.yaml': '1' });
  await writing;
});

test('two calls do not overlap: the second sees what changed after the first began', async (t) => {
  const { path, write } = kubeletVolume(t);
  await write({ a: '1' });
  const capture = capturerOf([volumeAt(path)]);
  const first = capture();
  await write({ a: '2' });
  const second = capture();
  assert.match(textsIn(snapshotIn(await first)).a ?? '', /^[12]$/);
  assert.deepEqual(textsIn(snapshotIn(await second)), { a: '2' });
});

test('a file that is renamed over another one is found, although its times are old', async (t) => {
  const path = temporaryDirectory(t);
  writeFileSync(join(path, 'a'), '1');
  const capture = capturerOf([volumeAt(path)]);
  const before = snapshotIn(await capture());
  writeFileSync(join(path, 'b'), '2');
  utimesSync(join(path, 'b'), 1, 1);
  renameSync(join(path, 'b'), join(path, 'a'));
  assert.notEqual(snapshotIn(await capture()).version, before.version);
});
