import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';

const LOG = new URL('log.ts', import.meta.url).href;

/** A process that logs this many lines of 10 KB in one turn, and then runs `then`. */
function logging(context: TestContext, lines: number, then: string): ChildProcess {
  const script = `
    import { createLog } from ${JSON.stringify(LOG)};
    const log = createLog({ level: 'info', format: 'json' });
    setTimeout(() => {
      for (let line = 1; line <= ${lines}; line += 1) log.info({ line, filler: 'x'.repeat(10_000) });
      ${then}
    });`;
  const argv = ['--input-type=module', '--eval', script];
  const child = spawn(process.execPath, argv, { stdio: ['ignore', 'pipe', 'ignore'] });
  context.after(() => child.kill('SIGKILL'));
  return child;
}

function numbersOf(output: string): number[] {
  return output
    .trimEnd()
    .split('\n')
    .map((each) => JSON.parse(each).line);
}

const FIVE = [1, 2, 3, 4, 5];

test('all lines of a turn are written at its end, however many they are', async (context) => {
  const child = logging(context, FIVE.length, 'setInterval(() => {}, 1000);');
  assert.ok(child.stdout);
  let output = '';
  child.stdout.on('data', (chunk) => (output += chunk));
  while (output.split('\n').length <= FIVE.length) await once(child.stdout, 'data');
  assert.deepEqual(numbersOf(output), FIVE);
});

for (const [how, then] of [
  ['exits', 'process.exit(0);'],
  ['ends', ''],
  ['fails', "throw new Error('a defect');"],
  ['fails in a promise', "Promise.reject(new Error('a defect'));"],
] as const)
  test(`the lines of the last turn are written when the process ${how}`, async (context) => {
    const child = logging(context, FIVE.length, then);
    assert.ok(child.stdout);
    assert.deepEqual(numbersOf(await text(child.stdout)), FIVE);
  });

test('a log that nothing reads does not block the process', async (context) => {
  const child = logging(context, 200, 'setTimeout(() => process.kill(process.pid, 9), 10);');
  const [, signal] = await once(child, 'exit');
  assert.equal(signal, 'SIGKILL');
});
