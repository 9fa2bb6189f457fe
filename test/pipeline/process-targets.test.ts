import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { until } from '../../sidecar/src/io/process/process.testing.ts';
import { generation } from './configs.ts';
import { Pod } from './pod.ts';

/** Prints its generation, at its start and at each SIGHUP; generation 13 ends it. */
const APP = `
const fs = require('node:fs');
const [, , live, log] = process.argv;
const read = (why) => {
  const { generation } = JSON.parse(fs.readFileSync(live + '/features.json', 'utf8'));
  if (why === 'reloaded' && generation === 13) process.exit(1);
  fs.appendFileSync(log, why + ' ' + generation + '\\n');
};
process.on('SIGHUP', () => read('reloaded'));
setInterval(() => {}, 1e6);
read('started');
`;

let count = 0;

/** A pod that runs on the first generation, and a container that starts its app whenever it ends. */
async function started(t: TestContext, target: 'signal' | 'restart') {
  count += 1;
  const name = `an-app-of-the-pod-${process.pid}-${count}`;
  const bundle = {
    targets: [{ [target]: { process: name } }],
    // A test that waits for `within` to pass does not end.
    confirm: { within: '5m', hold: '300ms', process: 'alive' },
  };
  const pod = await Pod.create(t, { bundle });
  const [path, log] = [join(pod.dir, name), join(pod.dir, 'app.log')];
  writeFileSync(path, APP);
  writeFileSync(log, '');
  let app: ChildProcess;
  let isOver = false;
  const run = () => {
    app = spawn(process.execPath, [path, pod.live, log], { stdio: 'ignore' });
    app.once('exit', () => isOver || run());
  };
  t.after(() => {
    isOver = true;
    app.kill('SIGKILL');
  });
  await pod.write(generation(1));
  pod.start();
  await pod.line(({ step }) => step === 'publish', 'first publish');
  run();
  await pod.outcome('committed');
  const said = () => readFileSync(log, 'utf8').split('\n').slice(0, -1);
  // A process is alive before its handlers are.
  await until(() => said().length === 1);
  return { pod, said, pid: () => app.pid };
}

/** Writes a generation and waits for its outcome; the results of its steps, in order. */
async function write(pod: Pod, number: number, outcome: string): Promise<unknown[]> {
  const since = pod.lines.length;
  await pod.write(generation(number));
  const { rollout } = await pod.outcome(outcome, since);
  return pod.lines.filter((line) => line.rollout === rollout && line.step === 'deliver');
}

test('a good change is applied by a signal, once, and its process lives on', async (t) => {
  const { pod, said, pid } = await started(t, 'signal');
  const before = pid();
  assert.equal((await write(pod, 2, 'committed')).length, 1);
  await until(() => said().length === 2);
  assert.deepEqual(said(), ['started 1', 'reloaded 2']);
  assert.equal(pid(), before);
});

test('an app that dies of the change gets the last good version back', async (t) => {
  const { pod, said } = await started(t, 'signal');
  await write(pod, 13, 'rolled-back');
  await until(() => said().at(-1) === 'reloaded 1');
  assert.equal((await pod.status()).health.state, 'degraded');
});

test('a good change is applied by a restart in place, once', async (t) => {
  const { pod, said, pid } = await started(t, 'restart');
  const before = pid();
  assert.equal((await write(pod, 2, 'committed')).length, 1);
  await until(() => said().length === 2);
  assert.deepEqual(said(), ['started 1', 'started 2']);
  assert.notEqual(pid(), before);
});
