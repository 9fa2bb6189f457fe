import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { systemClock } from '@lastgood/core/model/clock.ts';
import { DEADLINE_MS } from '../../../../test/deadline.ts';
import { temporaryDirectory } from '../../../../test/kubelet/temporary-directory.ts';
import {
  generation,
  layoutNames,
  publishedVersion,
  seenByName,
  snapshotWith,
} from './publish.testing.ts';
import { PUBLISH_STEPS, preparePublished, publish } from './publish.ts';

const HISTORY = 2;

function optionsFor(dir: string) {
  return { dir, history: HISTORY, clock: systemClock };
}

/** Runs a script in a separate process, with `dir` in its scope. */
function runBeside(t: TestContext, dir: string, script: string) {
  const child = spawn(
    process.execPath,
    ['--input-type=module', '-e', `const dir = ${JSON.stringify(dir)};\n${script}`],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  t.after(() => child.kill('SIGKILL'));
  let output = '';
  child.stdout.on('data', (chunk) => {
    output += chunk;
  });
  // Not 'exit', which may come before the last of the output.
  const close = once(child, 'close');
  let known = 0;
  /** Waits until it has written more than at the last call. */
  const progress = async () => {
    const signal = AbortSignal.timeout(DEADLINE_MS);
    while (output.length <= known) await once(child.stdout, 'data', { signal });
    known = output.length;
  };
  return { child, started: once(child.stdout, 'data'), ended: close.then(() => output), progress };
}

/**
 * A reader that goes on until its standard input ends, and then tells what it saw. For each generation
 * that is new to it, it writes a line.
 */
const READER = `
  import { readdirSync, readFileSync, readlinkSync, realpathSync } from 'node:fs';
  import { dirname, join } from 'node:path';
  const seen = { generations: new Set(), vanished: 0, reads: 0, wrong: [] };
  let isOver = false;
  process.stdin.on('end', () => { isOver = true; }).resume();
  const again = () => new Promise((resolve) => setImmediate(resolve));
  const note = (generation) => {
    seen.reads += 1;
    if (!seen.generations.has(generation)) process.stdout.write('\\n');
    seen.generations.add(generation);
  };
  const tell = () => console.log(JSON.stringify({ ...seen, generations: seen.generations.size }));
  process.stdout.write('\\n');`;

test('P1 a reader never sees files of two snapshots, in 600 publishes', async (t) => {
  const dir = temporaryDirectory(t);
  await publish(generation(1), optionsFor(dir));
  const reader = runBeside(
    t,
    dir,
    `${READER}
    const numberIn = (at) => Number(readFileSync(join(at, 'a.yaml'), 'utf8').slice(0, 8));
    const ways = [
      () => join(dir, readlinkSync(join(dir, '..data'))),
      () => dirname(realpathSync(join(dir, 'a.yaml'))),
    ];
    for (let count = 0; !isOver; count++) {
      if (count % 20 === 0) await again();
      try {
        const at = ways[count % 2]();
        const number = numberIn(at);
        const paths = readdirSync(at, { recursive: true }).filter((path) => path.endsWith('.yaml'));
        const texts = paths.map((path) => readFileSync(join(at, path), 'utf8'));
        // Overtaken by as many publishes as the history is long, so its removal may have started.
        if (numberIn(ways[0]()) - number >= ${HISTORY}) throw Object.assign(new Error(at), { code: 'ENOENT' });
        note(texts[0].slice(0, 8));
        const isWhole = texts.length === 3 && texts[0].length === 10_000
          && texts.every((text) => text === texts[0])
          && texts[0] === texts[0].slice(0, 8).repeat(1_250);
        if (!isWhole) seen.wrong.push(paths);
      } catch (error) {
        // Overtaken by more publishes than the history is long.
        if (error.code !== 'ENOENT') throw error;
        seen.vanished += 1;
      }
    }
    tell();`,
  );
  await reader.started;
  for (let count = 2; count <= 601; count++) {
    await publish(generation(count), optionsFor(dir));
    if (count % 10 === 0) await reader.progress();
  }
  reader.child.stdin.end();
  const seen = JSON.parse(await reader.ended);
  assert.deepEqual(seen.wrong, []);
  assert.ok(seen.reads > 50 && seen.generations > 20, JSON.stringify(seen));
});

test('P1 a reader that opens names finds every file that the new snapshot refers to', async (t) => {
  const dir = temporaryDirectory(t);
  const indexed = (count: number) =>
    snapshotWith({ index: `file-${count}`, [`file-${count}`]: 'x' });
  await publish(indexed(1), optionsFor(dir));
  const reader = runBeside(
    t,
    dir,
    `${READER}
    const current = () => readlinkSync(join(dir, '..data'));
    const readIndex = () => {
      for (;;) {
        const before = current();
        try {
          return readFileSync(join(dir, 'index'), 'utf8');
        } catch (error) {
          // Overtaken by more publishes than the history is long.
          if (error.code !== 'ENOENT' || current() === before) throw error;
          seen.vanished += 1;
        }
      }
    };
    for (let count = 0; !isOver; count++) {
      if (count % 20 === 0) await again();
      const name = readIndex();
      note(name);
      try {
        readFileSync(join(dir, name));
      } catch (error) {
        // Gone is well if the index no longer says so.
        if (readIndex() === name) seen.wrong.push(error.message);
      }
    }
    tell();`,
  );
  await reader.started;
  for (let count = 2; count <= 500; count++) {
    await publish(indexed(count), optionsFor(dir));
    if (count % 10 === 0) await reader.progress();
  }
  reader.child.stdin.end();
  const seen = JSON.parse(await reader.ended);
  assert.deepEqual(seen.wrong, []);
  assert.ok(seen.generations > 20, JSON.stringify(seen));
});

/** Publishes in a loop; logs each generation before and after, and kills itself at a given step. */
const PUBLISHER = `
  import { writeSync } from 'node:fs';
  import { publish } from ${JSON.stringify(join(import.meta.dirname, 'publish.ts'))};
  import { generation } from ${JSON.stringify(join(import.meta.dirname, 'publish.testing.ts'))};
  import { systemClock as clock } from '@lastgood/core/model/clock.ts';
  const run = async (onStep) => {
    for (let count = 1; ; count++) {
      writeSync(1, 'begin ' + count + '\\n');
      await publish(generation(count), { dir, history: ${HISTORY}, clock, onStep: (step) => onStep(step, count) });
      writeSync(1, 'end ' + count + '\\n');
    }
  };`;

/** What must hold after a kill at any instruction, at once and after the next start. */
async function assertGood(dir: string, output: string, context: string): Promise<void> {
  const last = Number(/begin (\d+)\n[^b]*$/.exec(output)?.[1]);
  const allowed = [generation(last)];
  if (!output.includes(`end ${last}\n`)) allowed.push(generation(last - 1));
  const found = await publishedVersion(dir);
  const current = allowed.find(({ version }) => version === found);
  assert.ok(current !== undefined, `${context}: ${found} after ${last}`);
  for (const { path, bytes } of current.files) {
    // By its name, as the app opens it, before anything is mended.
    assert.equal(readFileSync(join(dir, path), 'utf8'), bytes.toString(), `${context}: ${path}`);
  }
  await preparePublished(dir);
  assert.equal(await publishedVersion(dir), found, context);
  const texts = current.files.map(({ path, bytes }) => [path, bytes.toString()]);
  assert.deepEqual(seenByName(dir), Object.fromEntries(texts), context);
  assert.ok(!readdirSync(dir).includes('..data_tmp'), context);
  await publish(generation(1_000), optionsFor(dir));
  assert.equal(await publishedVersion(dir), generation(1_000).version, context);
  assert.ok(layoutNames(dir).length <= 2 + HISTORY, `${context}: ${layoutNames(dir)}`);
}

/** One on a disk, and one in memory, where publishing takes other calls. */
function directories(t: TestContext): string[] {
  const disk = temporaryDirectory(t);
  if (!existsSync('/dev/shm')) return [disk];
  const memory = mkdtempSync('/dev/shm/lastgood-publish-');
  t.after(() => rmSync(memory, { recursive: true }));
  return [disk, memory];
}

for (const step of PUBLISH_STEPS) {
  test(`P2 killed before ${step}, the directory is complete and good, and the next publish works`, async (t) => {
    for (const dir of directories(t)) {
      const script = `${PUBLISHER}
        await run((step, count) => {
          if (count === 5 && step === ${JSON.stringify(step)}) process.kill(process.pid, 'SIGKILL');
        });`;
      const output = await runBeside(t, dir, script).ended;
      assert.match(output, /begin 5\n$/);
      await assertGood(dir, output, `${step} in ${dir}`);
    }
  });
}

test('P2 killed at any moment, the directory is complete and good, and the next publish works', async (t) => {
  for (let round = 0; round < 8; round++) {
    for (const dir of directories(t)) {
      await publish(generation(0), optionsFor(dir));
      const { child, started, ended } = runBeside(t, dir, `${PUBLISHER} await run(() => {});`);
      await started;
      // Any moment will do: nothing that follows depends on how far it came.
      await pause(Math.random() * 40);
      child.kill('SIGKILL');
      await assertGood(dir, await ended, `round ${round} in ${dir}`);
    }
  }
});
