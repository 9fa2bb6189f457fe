import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findingOf } from '@lastgood/core/model/error.ts';
import { App, confirmExcept, World } from './hub.testing.ts';

/** A bundle that runs on v1, and apps that run on it. */
async function scene(count: number, options: ConstructorParameters<typeof World>[0] = {}) {
  const world = new World(options);
  await world.start();
  const apps: App[] = [];
  for (let index = 0; index < count; index++)
    apps.push(await new App(world, `app${index}`).connect());
  world.trace.length = 0;
  return { world, apps, app: (index: number) => apps[index] as App };
}

test('a process that starts gets the active version, and a change in two phases', async () => {
  const { world, apps, app } = await scene(2);
  assert.deepEqual(app(0).heard, ['start v1', 'state']);
  await world.write('v2');
  assert.deepEqual(world.trace, [
    'app0 prepare v2',
    'app1 prepare v2',
    'app0 commit v2',
    'app1 commit v2',
  ]);
  assert.deepEqual(world.ends, ['v1 committed', 'v2 committed']);
  for (const each of apps) assert.equal(each.runs, 'v2');
  const prepare = app(0).events.find(({ event }) => event === 'prepare');
  assert.deepEqual(prepare?.data, {
    rollout: app(0).rolloutOf('prepare'),
    version: 'sha256:v2',
    previous: 'sha256:v1',
    reason: 'changed',
    changed: ['config.yaml'],
    timeoutMs: 300_000,
  });
});

test('one that refuses keeps everyone on the version before, and nothing is published (P5)', async () => {
  const { world, app } = await scene(2);
  app(1).says = (version) => (version === 'v2' ? 'reject' : 'accept');
  await world.write('v2');
  assert.deepEqual(world.ends.at(-1), 'v2 rejected');
  assert.deepEqual(world.published, ['v1']);
  assert.ok(!world.trace.some((line) => line.includes('commit')));
  assert.ok(world.trace.includes('app0 abort v2'));
  assert.deepEqual(app(0).aborts, ['subscriber app1 refused the version: no v2 here']);
  assert.equal(world.findings[0]?.message, 'subscriber app1 refused the version: no v2 here');
  assert.match(
    app(0).states.at(-1) ?? '',
    /^degraded: subscriber app1 refused the version: no v2 here \[LG_PREPARE_REJECTED\]$/,
  );
  await world.write('v3');
  assert.equal(world.ends.at(-1), 'v3 committed');
  assert.equal(app(0).states.at(-1), 'ok: ');
});

test('with secrets, the words of an app are not shown (P8)', async () => {
  const { world, app } = await scene(2, { sealed: true });
  app(0).says = () => 'reject';
  await world.write('v2');
  const shown =
    'subscriber app0 refused the version: its reason is not shown, as the bundle has secrets';
  assert.equal(world.findings[0]?.message, shown);
  assert.deepEqual(app(1).aborts, [shown]);
});

test('a process gets only the content of versions that lastgood has named to it (P4)', async () => {
  const { world, app } = await scene(1);
  const content = (version: string) => app(0).session?.content(`sha256:${version}`)?.version;
  assert.equal(content('v1'), 'sha256:v1');
  assert.equal(content('v2'), undefined);
  app(0).says = () => 'nothing';
  await world.write('v2');
  assert.equal(content('v2'), 'sha256:v2');
  const late = await new App(world, 'late').connect();
  assert.deepEqual(late.heard.slice(0, 1), ['start v1']);
  assert.equal(late.session?.content('sha256:v2'), undefined);
  await world.write('v3');
  assert.equal(content('v2'), undefined);
  assert.equal(content('v3'), 'sha256:v3');
});

test('a newcomer during the probation is brought to the version, and its refusal fails it', async () => {
  const probation = Promise.withResolvers<void>();
  const world = new World({
    confirm: async ({ signal }) => {
      const refused = world.hub.refusal(signal);
      const refusal = await Promise.race([refused, probation.promise]);
      return refusal ? { accepted: false, ...refusal } : { accepted: true, findings: [] };
    },
  });
  const started = world.start();
  probation.resolve();
  await started;
  const first = await new App(world, 'first').connect();
  Object.assign(probation, Promise.withResolvers<void>());
  await world.write('v2');
  assert.equal(world.state.phase.name, 'confirming');
  const good = await new App(world, 'good').connect();
  assert.deepEqual(
    good.heard.filter((name) => name !== 'state'),
    ['start v1', 'prepare v2', 'commit v2'],
  );
  const bad = await new App(world, 'bad', (version) =>
    version === 'v2' ? 'reject' : 'accept',
  ).connect();
  await world.clock.pass(1_000);
  assert.deepEqual(
    bad.heard.filter((name) => name !== 'state'),
    ['start v1', 'prepare v2', 'abort v2'],
  );
  probation.resolve();
  await world.clock.pass(1_000);
  assert.equal(world.ends.at(-1), 'v2 rolled-back');
  for (const each of [first, good, bad]) assert.equal(each.runs, 'v1', each.name);
});

test('after a failed confirmation every process goes back to the last good version', async () => {
  const { world, apps, app } = await scene(2, { confirm: confirmExcept('v2') });
  await world.write('v2');
  assert.deepEqual(
    world.trace.filter((line) => line.includes('rollback')),
    ['app0 rollback v1', 'app1 rollback v1'],
  );
  assert.equal(world.ends.at(-1), 'v2 rolled-back');
  for (const each of apps) assert.equal(each.runs, 'v1');
  assert.match(app(0).states.at(-1) ?? '', /^degraded: no proof that the app runs on it/);
  await world.write('v3');
  for (const each of apps) assert.equal(each.runs, 'v3');
});

test('a rollback that a process refuses is tried again until it works', async () => {
  const { world, app } = await scene(1, { confirm: confirmExcept('v2') });
  let refusals = 2;
  app(0).says = (_, event) => (event === 'rollback' && refusals-- > 0 ? 'reject' : 'accept');
  await world.write('v2');
  assert.equal(app(0).runs, 'v2');
  await world.clock.pass(10_000);
  assert.equal(app(0).runs, 'v1');
  assert.equal(world.ends.at(-1), 'v2 rolled-back');
});

test('one that is lost and back in time keeps its answer', async () => {
  const { world, app } = await scene(2);
  app(1).says = () => 'nothing';
  await world.write('v2');
  await app(0).disconnect();
  await world.clock.pass(4_000);
  await app(0).connect({ resumes: true });
  const rollout = app(1).rolloutOf('prepare');
  assert.deepEqual(
    app(0).heard.filter((name) => name.startsWith('prepare')),
    ['prepare v2'],
  );
  app(1).says = () => 'accept';
  assert.equal(app(1).ack({ event: 'prepare', rollout, version: 'v2', verdict: 'accept' }), true);
  // Late and double answers change nothing.
  assert.equal(app(1).ack({ event: 'prepare', rollout, version: 'v2', verdict: 'reject' }), false);
  await world.clock.pass(0);
  assert.deepEqual([app(0).runs, app(1).runs], ['v2', 'v2']);
});

test('one that reconnects hears again what it has not answered, and what is over', async () => {
  const { world, app } = await scene(1);
  app(0).says = () => 'nothing';
  await world.write('v2');
  await app(0).disconnect();
  await world.write('v3');
  app(0).heard.length = 0;
  await app(0).connect({ resumes: true });
  assert.deepEqual(
    app(0).heard.filter((name) => name !== 'state'),
    ['abort v2', 'prepare v3'],
  );
});

test('a process that ends before it answers is a fault, and the version is tried again', async () => {
  const { world, app } = await scene(2);
  app(1).says = () => 'nothing';
  await world.write('v2');
  await app(1).disconnect();
  await world.clock.pass(5_000);
  assert.equal(world.ends.at(-1), 'v2 rejected');
  assert.equal(
    world.findings.at(-1)?.message,
    'subscriber app1 gave no answer: it ended without an answer',
  );
  assert.equal(app(0).runs, 'v1');
  await world.clock.pass(60_000);
  assert.equal(world.ends.at(-1), 'v2 committed');
});

test('with unanswered: ignore, one that is late or lost is left out and catches up later', async () => {
  const { world, app } = await scene(3, { unanswered: 'ignore' });
  app(1).says = () => 'nothing';
  app(2).says = () => 'nothing';
  await world.write('v2');
  await app(2).disconnect();
  await world.clock.pass(5_000);
  app(1).says = () => 'accept';
  await world.clock.pass(300_000);
  assert.deepEqual(
    app(1).heard.filter((name) => name !== 'state'),
    ['start v1', 'prepare v2', 'abort v2', 'start v2'],
  );
  assert.equal(world.ends.at(-1), 'v2 committed');
  assert.deepEqual([app(0).runs, app(1).runs], ['v2', 'v2']);
});

test('a process that does not switch in time is a fault; with ignore it catches up', async () => {
  for (const unanswered of ['fault', 'ignore'] as const) {
    const { world, app } = await scene(2, { unanswered });
    app(1).says = (_, event) => (event === 'commit' ? 'nothing' : 'accept');
    await world.write('v2');
    await world.clock.pass(29_999);
    assert.equal(world.state.phase.name, 'delivering');
    app(1).says = () => 'accept';
    await world.clock.pass(5_000);
    assert.equal(world.ends.at(-1), 'v2 committed', unanswered);
    assert.deepEqual([app(0).runs, app(1).runs], ['v2', 'v2'], unanswered);
  }
});

test('one that leaves no longer counts', async () => {
  const { world, app } = await scene(2);
  app(1).says = () => 'nothing';
  await world.write('v2');
  app(1).session?.leave();
  await world.clock.pass(0);
  assert.equal(world.ends.at(-1), 'v2 committed');
});

test('with fewer than min the version is published, and waits for them', async () => {
  const { world, app } = await scene(1, { min: 2 });
  await world.write('v2');
  assert.deepEqual(world.published, ['v1', 'v2']);
  assert.equal(app(0).runs, 'v1');
  assert.equal(
    world.findings.at(-1)?.message,
    'subscribers is absent: 1 of 2 processes run on the version',
  );
  const second = await new App(world, 'second').connect();
  await world.clock.pass(1_000);
  assert.deepEqual([app(0).runs, second.runs], ['v2', 'v2']);
  assert.equal(world.ends.at(-1), 'v2 committed');
});

test('with min: 0 a version needs no process', async () => {
  const { world } = await scene(0, { min: 0 });
  await world.write('v2');
  assert.equal(world.ends.at(-1), 'v2 committed');
});

test('a newer version ends a delivery in which no process was to switch yet (P6)', async () => {
  const { world, app } = await scene(1, { min: 2 });
  const second = new App(world, 'second', (version) => (version === 'v2' ? 'nothing' : 'accept'));
  await world.write('v2');
  await second.connect();
  await world.clock.pass(1_000);
  assert.deepEqual(second.heard.slice(-1), ['prepare v2']);
  await world.write('v3');
  assert.deepEqual(
    [app(0).runs, second.runs, world.ends.slice(-2)],
    ['v3', 'v3', ['v2 superseded', 'v3 committed']],
  );
  assert.ok(!world.trace.some((line) => line.endsWith('commit v2')));
});

test('a newer version lets a switch in hand finish', async () => {
  const { world, app } = await scene(2);
  app(1).says = (version, event) => (version === 'v2' && event === 'commit' ? 'nothing' : 'accept');
  await world.write('v2');
  await world.write('v3');
  assert.ok(!world.trace.includes('app0 prepare v3'));
  const rollout = app(1).rolloutOf('commit');
  app(1).ack({ event: 'commit', rollout, version: 'v2', verdict: 'accept' });
  await world.clock.pass(0);
  assert.deepEqual([app(0).runs, app(1).runs, world.ends.at(-1)], ['v3', 'v3', 'v3 committed']);
});

test('without a restart target, a version that needs a restart waits, unpublished, until the process ends', async () => {
  const { world, app } = await scene(2);
  app(0).says = (version, event) =>
    version === 'v2' && event === 'prepare' ? 'restart' : 'accept';
  await world.write('v2');
  assert.equal(world.state.phase.name, 'pending-restart');
  assert.deepEqual(world.published, ['v1']);
  assert.match(app(1).states.at(-1) ?? '', /^pending-restart: subscriber app0 needs a restart/);
  // Another process that starts meanwhile runs on the old version.
  const other = await new App(world, 'other').connect();
  assert.equal(other.runs, 'v1');
  other.session?.leave();
  await app(0).restart();
  await world.clock.pass(0);
  assert.deepEqual(
    app(0).heard.filter((name) => name.startsWith('start')),
    ['start v1', 'start v2'],
  );
  assert.deepEqual([app(0).runs, app(1).runs, world.ends.at(-1)], ['v2', 'v2', 'v2 committed']);
});

test('a version that waits for a restart is superseded by a newer one (P6)', async () => {
  const { world, app } = await scene(1);
  app(0).says = (version) => (version === 'v2' ? 'restart' : 'accept');
  await world.write('v2');
  await world.write('v3');
  assert.deepEqual([app(0).runs, world.ends.at(-1)], ['v3', 'v3 committed']);
});

test('a restart target is used only for a version that needs it', async () => {
  const { world, app } = await scene(2, { config: { conditionalTargets: [0] } });
  let restarts = 0;
  world.restart = async () => {
    restarts += 1;
    await app(0).restart();
  };
  await world.write('v2');
  assert.equal(restarts, 0);
  app(0).says = (version, event) =>
    version === 'v3' && event === 'prepare' ? 'restart' : 'accept';
  await world.write('v3');
  assert.equal(restarts, 1);
  await world.clock.pass(10_000);
  assert.deepEqual([app(0).runs, app(1).runs, world.ends.at(-1)], ['v3', 'v3', 'v3 committed']);
  assert.ok(!app(0).heard.includes('commit v3'));
});

test('a refusal wins over a restart', async () => {
  const { world, app } = await scene(2);
  app(0).says = (version) => (version === 'v2' ? 'restart' : 'accept');
  app(1).says = (version) => (version === 'v2' ? 'reject' : 'accept');
  await world.write('v2');
  assert.equal(world.ends.at(-1), 'v2 rejected');
});

test('a sidecar that restarts goes on: in a delivery, with those that have switched already (P7)', async () => {
  const { world, app } = await scene(2);
  app(1).says = (_, event) => (event === 'commit' ? 'nothing' : 'accept');
  await world.write('v2');
  assert.deepEqual([app(0).runs, app(1).runs], ['v2', 'v1']);
  await world.start();
  app(1).says = () => 'accept';
  for (const index of [0, 1]) {
    app(index).heard.length = 0;
    await app(index).connect();
  }
  await world.clock.pass(10_000);
  assert.deepEqual(
    app(0).heard.filter((name) => name !== 'state'),
    ['start v2'],
  );
  assert.deepEqual(
    app(1).heard.filter((name) => name !== 'state'),
    ['start v1', 'prepare v2', 'commit v2'],
  );
  assert.equal(world.ends.at(-1), 'v2 committed');
});

test('a sidecar that restarts in a rollback brings all back', async () => {
  const { world, app } = await scene(2, { confirm: confirmExcept('v2') });
  app(1).says = (_, event) => (event === 'rollback' ? 'nothing' : 'accept');
  await world.write('v2');
  assert.deepEqual([app(0).runs, app(1).runs], ['v1', 'v2']);
  await world.start();
  app(1).says = () => 'accept';
  for (const index of [0, 1]) await app(index).connect();
  await world.clock.pass(20_000);
  assert.deepEqual([app(0).runs, app(1).runs], ['v1', 'v1']);
});

test('a sidecar that restarts while a version waits for a restart still waits for it', async () => {
  const { world, app } = await scene(1);
  app(0).says = (version, event) =>
    version === 'v2' && event === 'prepare' ? 'restart' : 'accept';
  await world.write('v2');
  await world.start();
  await app(0).connect();
  await world.clock.pass(60_000);
  assert.equal(world.state.phase.name, 'pending-restart');
  assert.deepEqual(world.published, ['v1']);
  await app(0).restart();
  await world.clock.pass(10_000);
  assert.deepEqual([app(0).runs, world.ends.at(-1)], ['v2', 'v2 committed']);
});

test('a process that refuses to start does not count, and gets the next version', async () => {
  const { world } = await scene(0, { min: 0 });
  const app = await new App(world, 'app', (version) =>
    version === 'v1' ? 'reject' : 'accept',
  ).connect();
  assert.equal(world.hub.status().shown[0]?.state, 'unable');
  await world.write('v2');
  assert.deepEqual(app.heard, ['start v1', 'state', 'start v2']);
  assert.equal(app.runs, 'v2');
});

test('a process that waits for the first good version learns why there is none', async () => {
  const world = new World({
    validate: async ({ version }) => {
      const accepted = version !== 'sha256:v1';
      const findings = accepted ? [] : [findingOf('LG_VALIDATE_SYNTAX', ['no YAML'])];
      return { accepted, findings, isEquivalent: false, mayPass: false };
    },
  });
  await world.start();
  const app = await new App(world, 'app0').connect();
  assert.deepEqual(app.states, ['degraded: no YAML [LG_VALIDATE_SYNTAX]']);
  await world.write('v2');
  assert.deepEqual(app.heard.slice(-2), ['start v2', 'state']);
  assert.equal(app.states.at(-1), 'ok: ');
});

test('after a restart of the sidecar, an app hears its state once the volume is checked', async () => {
  const { world, app } = await scene(1);
  app(0).says = (version) => (version === 'v2' ? 'reject' : 'accept');
  await world.write('v2');
  const [started, refused = ''] = app(0).states;
  assert.equal(started, 'ok: ');
  assert.match(refused, /^degraded: subscriber app0 refused the version/);
  app(0).cut();
  await world.start();
  await app(0).connect();
  await world.clock.pass(2_000);
  assert.deepEqual(app(0).states, [started, refused]);
  await world.clock.pass(2_000);
  assert.deepEqual(app(0).states, [started, refused, refused]);
});

test('no process switches to a version with the same meaning', async () => {
  const { world, app } = await scene(1, {
    validate: async ({ version }) => ({
      accepted: true,
      findings: [],
      isEquivalent: version === 'sha256:v2',
      mayPass: false,
    }),
  });
  await world.write('v2');
  await world.clock.pass(1_000);
  assert.equal(world.state.active, 'sha256:v2');
  assert.deepEqual(world.trace, []);
  await world.write('v3');
  assert.equal(app(0).runs, 'v3');
});

test('the status shows the first twenty, and there are at most 500', async () => {
  const { world } = await scene(0, { min: 0 });
  const apps = Array.from({ length: 501 }, (_, index) => new App(world, `app${index}`));
  await Promise.all(apps.map((each) => each.connect()));
  const { count, shown } = world.hub.status();
  assert.deepEqual([count, shown.length, apps[500]?.session], [500, 20, undefined]);
  assert.deepEqual(
    { ...shown[0], id: '' },
    {
      id: '',
      name: 'app0',
      version: 'sha256:v1',
      state: 'running',
    },
  );
});

test('one that comes back before it has started gets the version of now', async () => {
  const { world, app } = await scene(1);
  const late = new App(world, 'late', () => 'nothing');
  await late.connect();
  await late.disconnect();
  await world.write('v2');
  await world.clock.pass(1_000);
  late.says = () => 'accept';
  await late.connect({ resumes: true });
  assert.deepEqual([late.runs, app(0).runs], ['v2', 'v2']);
});

test('a newer version ends the first phase, and what was prepared is let go', async () => {
  const { world, app } = await scene(2);
  app(1).says = (version) => (version === 'v2' ? 'nothing' : 'accept');
  await world.write('v2');
  assert.equal(app(0).prepared, 'v2');
  await world.write('v3');
  assert.deepEqual(world.trace.slice(2, 6), [
    'app0 abort v2',
    'app1 abort v2',
    'app0 prepare v3',
    'app1 prepare v3',
  ]);
  assert.deepEqual([app(0).runs, app(1).runs], ['v3', 'v3']);
});

test('one that is still starting delays the others by 5 s at most', async () => {
  const { world, app } = await scene(1);
  const slow = new App(world, 'slow', (_, event) => (event === 'start' ? 'nothing' : 'accept'));
  await slow.connect();
  await world.write('v2');
  assert.equal(app(0).runs, 'v1');
  await world.clock.pass(5_000);
  assert.equal(app(0).runs, 'v2');
  slow.ack({ event: 'start', version: 'v1', verdict: 'accept' });
  await world.clock.pass(0);
  assert.deepEqual(slow.heard.slice(-1), ['start v2']);
});

test('a rollback lets those go that have only prepared, and reaches one that is away', async () => {
  const { world, app } = await scene(2, { confirm: confirmExcept('v2') });
  app(1).says = (_, event) => (event === 'rollback' ? 'nothing' : 'accept');
  await world.write('v2');
  await app(1).disconnect();
  await world.clock.pass(1_000);
  app(1).says = () => 'accept';
  await app(1).connect({ resumes: true });
  assert.deepEqual([app(0).runs, app(1).runs, world.ends.at(-1)], ['v1', 'v1', 'v2 rolled-back']);
});

test('a rollback that has begun goes before a version in its checks', async () => {
  const { world, app } = await scene(1, { confirm: confirmExcept('v2') });
  app(0).says = (_, event) => (event === 'rollback' ? 'nothing' : 'accept');
  await world.write('v2');
  await world.write('v3');
  assert.equal(
    app(0)
      .heard.filter((name) => name !== 'state')
      .at(-1),
    'rollback v1',
  );
  app(0).ack({
    event: 'rollback',
    rollout: app(0).rolloutOf('commit'),
    version: 'v1',
    verdict: 'accept',
  });
  await world.clock.pass(0);
  assert.equal(world.ends.at(-1), 'v3 committed');
  assert.equal(app(0).runs, 'v3');
});

test('a sidecar that restarts in the probation asks the processes that come then', async () => {
  const world = new World({
    confirm: async ({ version, signal }) => {
      if (version === 'sha256:v2') await world.clock.sleep(60_000, signal);
      return { accepted: true, findings: [] };
    },
  });
  await world.start();
  const app = await new App(world, 'app').connect();
  await world.write('v2');
  assert.equal(world.state.phase.name, 'confirming');
  await world.start();
  await app.connect();
  const late = await new App(world, 'late').connect();
  await world.clock.pass(4_000);
  assert.deepEqual(
    late.heard.filter((name) => name !== 'state'),
    ['start v1', 'prepare v2', 'commit v2'],
  );
  assert.deepEqual([app.runs, late.runs], ['v2', 'v2']);
});

test('a process that ends after it has accepted is a fault, and none switches', async () => {
  const { world, app } = await scene(2);
  app(1).says = () => 'nothing';
  await world.write('v2');
  await app(0).disconnect();
  await world.clock.pass(6_000);
  app(1).says = () => 'accept';
  assert.equal(world.ends.at(-1), 'v2 rejected');
  assert.ok(!world.trace.some((line) => line.includes('commit')));
});

test('an app that ends each time it switches is not given that version again', async () => {
  const { world, app } = await scene(1);
  let crashes = 0;
  const crash = async () => {
    crashes += 1;
    await app(0).disconnect();
    // The kubelet takes its time before it starts the container again.
    await world.clock.sleep(12_000);
    app(0).restartNow();
  };
  app(0).says = (version, event) => {
    if (version !== 'v2' || event !== 'commit') return 'accept';
    void crash();
    return 'nothing';
  };
  await world.write('v2');
  await world.clock.pass(60 * 60_000);
  assert.deepEqual(
    world.state.quarantine.map(({ version, findings }) => [version, findings[0]?.code]),
    [['sha256:v2', 'LG_DELIVER_CRASHED']],
  );
  assert.deepEqual([crashes, app(0).runs], [2, 'v1']);
});
