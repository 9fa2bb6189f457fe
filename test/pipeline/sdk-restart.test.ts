import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { until } from '../../sidecar/src/io/process/process.testing.ts';
import { DEADLINE_MS } from '../deadline.ts';
import { generation } from './configs.ts';
import { Pod } from './pod.ts';

/** Writes down each generation that it takes. It cannot change the tens while it runs. */
const APP = `
import { appendFileSync } from 'node:fs';
const { connect } = await import(${JSON.stringify(import.meta.resolve('@lastgood/sdk'))});
const [, , socket, log] = process.argv;
const tell = (how, { generation }) =>
  appendFileSync(log, how + ' ' + generation + ' in ' + process.pid + '\\n');
const config = await connect({ socket, file: 'config.yaml', timeoutMs: ${DEADLINE_MS} });
config.needsRestart(({ generation }) => [Math.floor(generation / 10)]);
config.onChange((value) => tell('changed to', value));
tell('started on', config.current);
`;

/** A pod whose container starts its app whenever it ends. */
async function started(t: TestContext) {
  const name = `an-app-with-the-sdk-${process.pid}.mjs`;
  const targets = [{ subscribers: {} }, { restart: { process: name } }];
  const pod = await Pod.create(t, { direct: true, confirm: false, bundle: { targets } });
  const runDir = join(pod.dir, 'run');
  await pod.configured({ runDir });
  const [path, log] = [join(pod.dir, name), join(pod.dir, 'app.log')];
  writeFileSync(path, APP);
  writeFileSync(log, '');
  await pod.startOn(generation(1));
  let app: ChildProcess;
  let isOver = false;
  const run = () => {
    const args = [path, join(runDir, 'sdk.sock'), log];
    app = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] });
    app.once('exit', () => isOver || run());
  };
  t.after(() => {
    isOver = true;
    app.kill('SIGKILL');
  });
  run();
  const said = () => readFileSync(log, 'utf8').split('\n').slice(0, -1);
  await until(() => said().length === 1);
  return { pod, said, pid: () => app.pid };
}

test('a restart target restarts an app with the SDK only for what cannot change in it', async (t) => {
  const { pod, said, pid } = await started(t);
  const first = pid();
  const steps: unknown[] = [];
  for (const number of [2, 11, 12]) {
    const since = pod.lines.length;
    await pod.write(generation(number));
    const { rollout } = await pod.outcome('committed', since);
    const mine = pod.lines.filter((line) => line.rollout === rollout && line.step === 'deliver');
    steps.push(mine.map(({ target }) => target));
    await until(() => said().length === steps.length + 1);
  }
  const restart = (targets: unknown) => JSON.stringify(targets).includes('restart of');
  assert.deepEqual(steps.map(restart), [false, true, false]);
  assert.notEqual(pid(), first);
  assert.deepEqual(said(), [
    `started on 1 in ${first}`,
    `changed to 2 in ${first}`,
    `started on 11 in ${pid()}`,
    `changed to 12 in ${pid()}`,
  ]);
  const { health, subscribers, phase } = await pod.status();
  assert.deepEqual([health.state, subscribers?.count, phase], ['ok', 1, 'steady']);
});
