import assert from 'node:assert/strict';
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { PROOF_WITHIN } from '../deadline.ts';
import { Pod, type PodOptions } from './pod.ts';
import { Subscriber } from './subscriber.ts';

const config = (n: number) => ({ 'config.yaml': `n: ${n}\n` });

interface Scene {
  readonly pod: Pod;
  /** A process that runs on what is active. */
  readonly join: (name?: string) => Promise<Subscriber>;
}

async function scene(
  context: TestContext,
  target: Record<string, unknown> = {},
  options: PodOptions = {},
): Promise<Scene> {
  const pod = await Pod.create(context, { direct: true, confirm: false, ...options });
  pod.bundle.targets = [{ subscribers: target }];
  const runDir = join(pod.dir, 'run');
  await pod.configured({ runDir });
  await pod.startOn(config(1));
  return {
    pod,
    join: async (name) => {
      const app = new Subscriber(join(runDir, 'sdk.sock'), name).connect();
      context.after(() => app.die());
      await app.until(() => app.runs !== undefined);
      return app;
    },
  };
}

test('a change reaches all processes, with the bundle published for lastgood alone', async (context) => {
  const { pod, join: joinIn } = await scene(context, { min: 2 });
  const apps = [await joinIn('one'), await joinIn('two')];
  const since = pod.lines.length;
  await pod.write(config(2));
  await pod.outcome('committed', since);
  for (const each of apps) assert.equal(each.runs, 'n: 2\n');
  const { mode, active, published, subscribers } = await pod.status();
  assert.deepEqual([mode, active], ['socket', published]);
  assert.deepEqual(
    subscribers?.shown.map(({ name, version, state }) => [name, version, state]),
    [
      ['one', active, 'running'],
      ['two', active, 'running'],
    ],
  );
  const { text } = await pod.page('/metrics');
  assert.match(text, /^lastgood_subscribers\{bundle="model"\} 2$/m);
  assert.match(
    text,
    /^lastgood_subscriber_answers_total\{bundle="model",event="commit",verdict="accept"\} 2$/m,
  );
});

test('P5: one refusal keeps all on the version before, and /status has its reason', async (context) => {
  const { pod, join: joinIn } = await scene(context);
  const [good, bad] = [await joinIn('good'), await joinIn('bad')];
  bad.says = (content) => (content === 'n: 2\n' ? 'reject' : 'accept');
  const since = pod.lines.length;
  await pod.write(config(2));
  await pod.outcome('rejected', since);
  const { rejected, health } = await pod.status();
  assert.deepEqual(
    [rejected?.step, rejected?.findings[0]?.code, rejected?.findings[0]?.message],
    ['prepare', 'LG_PREPARE_REJECTED', 'subscriber bad refused the version: n: 2 is too large'],
  );
  assert.equal(health.state, 'degraded');
  assert.deepEqual([good.runs, bad.runs], ['n: 1\n', 'n: 1\n']);
  await pod.write(config(3));
  await pod.outcome('committed', since);
  assert.deepEqual([good.runs, bad.runs], ['n: 3\n', 'n: 3\n']);
});

test('/status shows that lastgood asks the processes about a version', async (context) => {
  const { pod, join: joinIn } = await scene(context);
  const app = await joinIn();
  app.says = () => undefined;
  await pod.write(config(2));
  await app.until(() => app.heard.includes('prepare'));
  const { phase, rollout, active, desired, subscribers } = await pod.status();
  assert.deepEqual([phase, rollout?.version], ['preparing', desired]);
  assert.deepEqual(
    rollout?.steps.map(({ step }) => step),
    ['capture', 'validate'],
  );
  assert.equal(subscribers?.shown[0]?.state, 'preparing');
  assert.equal(subscribers?.shown[0]?.version, active);
});

test('after a failed proof, the processes get the last good version back', async (context) => {
  const { pod, join: joinIn } = await scene(context);
  await pod.kill('SIGTERM');
  pod.bundle.confirm = {
    within: PROOF_WITHIN,
    hold: '0ms',
    http: { url: `${pod.app.url}/health` },
  };
  await pod.configured({ runDir: join(pod.dir, 'run') });
  pod.start();
  await pod.outcome('unchanged');
  const app = await joinIn();
  pod.app.onHealth = () => (app.runs === 'n: 2\n' ? 503 : 200);
  const since = pod.lines.length;
  await pod.write(config(2));
  await pod.outcome('rolled-back', since);
  assert.equal(app.runs, 'n: 1\n');
  assert.ok(app.heard.includes('rollback'));
});

test('a version that needs a restart waits for it, and is never published before', async (context) => {
  const { pod, join: joinIn } = await scene(context);
  const old = await joinIn('old');
  old.says = (_, event) => (event === 'prepare' ? 'restart' : 'accept');
  const since = pod.lines.length;
  await pod.write(config(2));
  await pod.line((line) => /needs a restart of the app/.test(String(line.msg)), 'restart', since);
  const { phase, published, active, health } = await pod.status();
  assert.deepEqual([phase, published, health.pendingRestart], ['pending-restart', active, true]);
  old.die();
  const young = await joinIn('young');
  assert.equal(young.runs, 'n: 2\n');
  await pod.outcome('committed', since);
});

for (const boundary of ['before deliver', 'after deliver', 'before publish', 'after publish'])
  test(`P7: killed ${boundary}, it goes on with the processes that come back`, async (context) => {
    const { pod, join: joinIn } = await scene(context, { min: 2 });
    assert.equal(await pod.kill('SIGTERM'), 0);
    const held = pod.lines.length;
    pod.start({ heldAt: boundary });
    await pod.line((line) => line.outcome === 'unchanged', 'start', held);
    const apps = [await joinIn('one'), await joinIn('two')];
    await pod.write(config(2));
    await pod.line((line) => line.held === boundary, `hold ${boundary}`, held);
    await pod.kill('SIGKILL');
    const since = pod.lines.length;
    pod.start();
    await pod.outcome('committed', since);
    for (const each of apps) assert.equal(each.runs, 'n: 2\n');
    const { active, health } = await pod.status();
    assert.deepEqual([active, health.state], [(await pod.status()).desired, 'ok']);
  });

test('fifty processes switch together', async (context) => {
  const { pod, join: joinIn } = await scene(context, { min: 50 });
  const apps = await Promise.all(Array.from({ length: 50 }, (_, n) => joinIn(`app${n}`)));
  const since = pod.lines.length;
  await pod.write(config(2));
  await pod.outcome('committed', since);
  for (const each of apps) assert.equal(each.runs, 'n: 2\n');
  const { subscribers } = await pod.status();
  assert.deepEqual([subscribers?.count, subscribers?.shown.length], [50, 20]);
});

test('P8: secrets need leave to go over the socket, and neither names nor reasons show them', async (context) => {
  const pod = await Pod.create(context, { direct: true, confirm: false, volume: { secret: true } });
  const runDir = join(pod.dir, 'run');
  pod.bundle.targets = [{ subscribers: {} }];
  await pod.configured({ runDir });
  const secret = 'correct-horse-battery';
  await pod.write({ ...config(1), password: secret });
  pod.start();
  assert.equal(await pod.exit(), 2);
  assert.match(pod.stderr, /needs secrets: true, as the bundle has a secret volume/);
  pod.bundle.targets = [{ subscribers: { secrets: true } }];
  await pod.configured({ runDir });
  pod.start();
  await pod.outcome('committed');
  const app = new Subscriber(join(runDir, 'sdk.sock'), `api ${secret}`).connect();
  context.after(() => app.die());
  await app.until(() => app.runs !== undefined);
  app.says = () => 'reject';
  const since = pod.lines.length;
  await pod.write({ 'config.yaml': 'password: hunter2\n', password: secret });
  await pod.outcome('rejected', since);
  const other = new Subscriber(join(runDir, 'sdk.sock'), `other ${secret}`);
  other.says = () => 'reject';
  other.connect();
  context.after(() => other.die());
  await pod.line(({ msg }) => / other .* cannot start /.test(String(msg)), 'failed start');
  const { text } = await pod.page('/status');
  assert.match(text, /its reason is not shown, as the bundle has secrets/);
  assert.match(text, /"name": "api /);
  assert.doesNotMatch(text + JSON.stringify(pod.lines), /hunter2|correct-horse/);
});

test('the socket has its mode, and is gone after the end; --once opens none', async (context) => {
  const { pod } = await scene(context);
  const runDir = join(pod.dir, 'run');
  const { mode } = await lstat(join(runDir, 'sdk.sock'));
  assert.equal(mode & 0o777, 0o660);
  assert.equal(await pod.kill('SIGTERM'), 0);
  assert.deepEqual(await readdir(runDir), []);
  pod.start({ args: ['--once'] });
  assert.equal(await pod.exit(), 0);
  assert.deepEqual(await readdir(runDir), []);
});
