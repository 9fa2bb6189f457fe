import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type Config, connect } from '@lastgood/sdk';
import { DEADLINE_MS, PROOF_WITHIN } from '../deadline.ts';
import { generation } from './configs.ts';
import { Pod } from './pod.ts';

interface Value {
  readonly generation: number;
}

/** A sidecar that runs on the first generation, with apps of this process. */
async function start(context: TestContext) {
  const pod = await Pod.create(context, { bundle: { targets: [{ subscribers: {} }] } });
  const http = { url: `${pod.app.url}/health` };
  pod.bundle.confirm = { within: PROOF_WITHIN, hold: '0ms', http };
  const runDir = join(pod.dir, 'run');
  await pod.configured({ runDir });
  await pod.startOn(generation(1));
  const socket = join(runDir, 'sdk.sock');
  const connectApp = async () => {
    const config = await connect({ socket, file: 'config.yaml', timeoutMs: DEADLINE_MS });
    context.after(() => config.close());
    return config as Config<Value>;
  };
  return { pod, socket, connectApp };
}

async function untilState(config: Config<Value>, status: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const signal = AbortSignal.timeout(DEADLINE_MS);
  signal.onabort = () => reject(new Error(`not ${status}: ${JSON.stringify(config.state)}`));
  const stop = config.onState((state) => void (state.status === status && resolve()));
  if (config.state.status === status) resolve();
  await promise.finally(stop);
}

test('P5 a version that one app refuses changes none, and /status has its reason', async (context) => {
  const { pod, connectApp } = await start(context);
  const apps = [await connectApp(), await connectApp()] as const;
  apps[1].prepare(({ generation }) => {
    if (generation === 3) throw new Error('three is too many');
  });
  const seen: number[] = [];
  apps[0].onChange(({ generation }) => void seen.push(generation));
  for (const number of [2, 3, 4]) {
    const since = pod.lines.length;
    await pod.write(generation(number));
    await pod.outcome(number === 3 ? 'rejected' : 'committed', since);
    if (number !== 3) continue;
    await Promise.all(apps.map((app) => untilState(app, 'degraded')));
    assert.match(apps[0].state.reason ?? '', /three is too many/);
    assert.match(JSON.stringify((await pod.status()).rejected), /three is too many/);
    assert.deepEqual(
      apps.map(({ current }) => current.generation),
      [2, 2],
    );
  }
  await Promise.all(apps.map((app) => untilState(app, 'ok')));
  assert.deepEqual(seen, [2, 4]);
});

test('an app that cannot start on the active version is in the log', async (context) => {
  const { pod, socket } = await start(context);
  const validate = () => ({ issues: [{ message: 'no' }] });
  const schema = { '~standard': { version: 1, vendor: 'test', validate } } as const;
  const failed = connect({ socket, file: 'config.yaml', schema, timeoutMs: DEADLINE_MS });
  await assert.rejects(failed, { code: 'LG_SDK_INVALID' });
  const isFailedStart = /^subscriber .* cannot start on [0-9a-f]{12};/;
  await pod.line(({ msg }) => isFailedStart.test(String(msg)), 'failed start');
});

test('an app goes back to the last good version when the new one is not proven', async (context) => {
  const { pod, connectApp } = await start(context);
  const app = await connectApp();
  const seen: number[] = [];
  app.onChange(({ generation }) => void seen.push(generation));
  pod.app.onHealth = () => (app.current.generation === 2 ? 500 : 200);
  const since = pod.lines.length;
  await pod.write(generation(2));
  await pod.outcome('rolled-back', since);
  await untilState(app, 'degraded');
  assert.deepEqual([seen, app.current.generation], [[2, 1], 1]);
});

test('P7 an app keeps its value while the sidecar is away, and goes on when it is back', async (context) => {
  const { pod, connectApp } = await start(context);
  const app = await connectApp();
  const seen: number[] = [];
  app.onChange(({ generation }) => void seen.push(generation));
  await pod.kill();
  await untilState(app, 'disconnected');
  assert.equal(app.current.generation, 1);
  await pod.write(generation(2));
  pod.start();
  await pod.outcome('committed', pod.lines.length);
  await untilState(app, 'ok');
  assert.deepEqual(seen, [2]);
});
