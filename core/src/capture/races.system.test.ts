import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { temporaryDirectory } from '../../../test/kubelet/temporary-directory.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { capturerOf, findingsIn, snapshotIn, volumeAt } from './capture.testing.ts';

const KUBELET = join(import.meta.dirname, '../../../test/kubelet/atomic-writer.ts');

/** Runs a script beside the test; `ended` resolves when it is done, and rejects if it failed. */
function runBeside(t: TestContext, script: string) {
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  t.after(() => child.kill('SIGKILL'));
  const state = { isRunning: true };
  const ended = once(child, 'exit').then(([code]) => {
    state.isRunning = false;
    assert.equal(code, 0);
  });
  // A test that ends without waiting for it kills it.
  ended.catch(() => {});
  // It may have ended before it reads the last of it.
  child.stdin.on('error', () => {});
  const goOn = () => child.stdin.write('.');
  return { state, ended, started: once(child.stdout, 'data'), goOn };
}

/** For a script: holds still until the test has captured a generation that it had not seen before. */
const HOLD_STILL = `
  import { readSync } from 'node:fs';
  const holdStill = () => readSync(0, Buffer.alloc(1));`;

/** Content that shows whether any two pieces of it come from two generations. */
const WRITE_GENERATIONS = `${HOLD_STILL}
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
      if (generation % 100 === 0) holdStill();
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
    const { 'a.yaml': a = 0, 'sub/b.yaml': b, ...others } = generationsIn(captured.snapshot);
    assert.equal(a, b);
    assert.deepEqual(others, {});
    if (seen.has(a)) continue;
    seen.add(a);
    child.goOn();
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
      if (generation % 50 === 0) holdStill();
    }`,
  );
  await child.started;
  const capture = capturerOf([volumeAt(one, { at: 'one' }), volumeAt(two, { at: 'two' })]);
  const leads = new Map<number, number>();
  let last = 0;
  while (child.state.isRunning) {
    const captured = await capture();
    if (!captured.ok) continue;
    const generations = generationsIn(captured.snapshot);
    const { 'one/a.yaml': first = 0, 'two/sub/b.yaml': second = 0 } = generations;
    leads.set(first - second, (leads.get(first - second) ?? 0) + 1);
    if (second === last) continue;
    last = second;
    child.goOn();
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
    `${HOLD_STILL}
    import { openSync, writeSync } from 'node:fs';
    const content = (generation) => String(generation).padStart(8, '0').repeat(300);
    const [a, b] = ['a', 'b'].map((name) => openSync(${JSON.stringify(`${path}/`)} + name, 'w'));
    for (let generation = 1; generation <= 1500; generation++) {
      writeSync(a, content(generation), 0);
      writeSync(b, content(generation), 0);
      if (generation === 1) process.stdout.write('started');
      // No truncation and no rename: size and inode stay, and the times tick only each few ms.
      if (generation % 100 === 0) holdStill();
    }`,
  );
  await child.started;
  const capture = capturerOf([volumeAt(path)]);
  let [count, last] = [0, 0];
  while (child.state.isRunning) {
    const captured = await capture();
    if (!captured.ok) continue;
    const { a = 0, b = 0 } = generationsIn(captured.snapshot);
    assert.ok(a === b || a === b + 1, `a is of ${a}, b of ${b}`);
    if (a === last) continue;
    last = a;
    count += 1;
    child.goOn();
  }
  await child.ended;
  assert.ok(count > 5, `only ${count} captures`);
  assert.deepEqual(generationsIn(snapshotIn(await capture())), { a: 1500, b: 1500 });
});
