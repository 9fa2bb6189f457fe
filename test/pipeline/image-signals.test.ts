import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { temporaryDirectory } from '../kubelet/temporary-directory.ts';
import { compileLauncher } from './launcher.ts';

/** `lastgood` of the image as the first process of a container, with a small program in place of lastgood. */

const PROGRAM = `
  process.on('SIGINT', () => console.log('interrupted'));
  process.on('SIGTERM', () => process.exit(3));
  setInterval(() => {}, 1000);
  console.log('running');
`;

const FIRST_PROCESS = 'unshare --pid --fork --kill-child --mount-proc';

/** Starts `command`, in which `lastgood` is the program. */
function start(context: TestContext, command: (lastgood: string) => readonly string[]) {
  const dir = temporaryDirectory(context);
  mkdirSync(join(dir, 'lib'));
  writeFileSync(join(dir, 'lib/lastgood.js'), PROGRAM);
  const lastgood = join(dir, 'lastgood');
  compileLauncher(lastgood, join(dir, 'lib'));
  const [file = '', ...args] = command(lastgood);
  const child = spawn(file, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  context.after(() => child.kill('SIGKILL'));
  const ended = once(child, 'close');
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    said += text;
  });
  return {
    child,
    ended,
    said: () => said,
    async until(text: string) {
      while (!said.includes(text)) await sleep(10);
    },
  };
}

function childOf(pid = 0): number {
  return Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8'));
}

test('Ctrl-C in a terminal reaches Node once, as a second signal would end it at once', async (context) => {
  const run = start(context, (lastgood) => [
    'script',
    '--quiet',
    '--flush',
    '--return',
    '--command',
    `exec ${FIRST_PROCESS} ${lastgood}`,
    '/dev/null',
  ]);
  await run.until('running');
  const first = childOf(childOf(run.child.pid));
  // While it is stopped, the signals of both cannot become one.
  process.kill(first, 'SIGSTOP');
  run.child.stdin.write('\u0003');
  await run.until('interrupted');
  process.kill(first, 'SIGCONT');
  process.kill(first, 'SIGTERM');
  assert.deepEqual(await run.ended, [3, null]);
  assert.equal(run.said().split('interrupted').length - 1, 1);
});

test('a signal of another process reaches Node, and its exit code is that of the container', async (context) => {
  const run = start(context, (lastgood) => [...FIRST_PROCESS.split(' '), lastgood]);
  await run.until('running');
  process.kill(childOf(run.child.pid), 'SIGINT');
  await run.until('interrupted');
  process.kill(childOf(run.child.pid), 'SIGTERM');
  assert.deepEqual(await run.ended, [3, null]);
});
