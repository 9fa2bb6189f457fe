import assert from 'node:assert/strict';
import { generation, type Scene } from './scene.ts';

/** What every client of the protocol does, and the SDK without a sidecar too. */
export interface Case {
  readonly name: string;
  /** `sidecar`: needs one. `sdk`: of the SDK alone, not of the protocol. */
  readonly only?: 'sidecar' | 'sdk';
  readonly keys?: true;
  readonly confirm?: true;
  /** The volume has the first generation, and the sidecar runs. */
  readonly run: (scene: Scene) => Promise<void>;
}

export const CASES: readonly Case[] = [
  {
    name: 'an app starts on the first version',
    run: async (scene) => {
      const app = await scene.app();
      await app.runsOn(1);
      assert.deepEqual(app.kinds(), ['connected']);
      await scene.hasStatus(({ active }) => active === app.version);
    },
  },
  {
    name: 'a change is prepared, then seen in all files at once',
    run: async (scene) => {
      const app = await scene.app();
      await scene.write(generation(2));
      await app.runsOn(2);
      assert.deepEqual(app.kinds(), ['connected', 'prepare', 'change']);
      await scene.hasStatus(({ active }) => active === app.version);
    },
  },
  {
    name: 'the same content again fires nothing',
    run: async (scene) => {
      const app = await scene.app();
      await scene.swapAgain();
      await scene.write(generation(2));
      await app.runsOn(2);
      assert.deepEqual(app.kinds(), ['connected', 'prepare', 'change']);
    },
  },
  {
    name: 'P4: a veto keeps the old value and says why, and a fix goes forward',
    run: async (scene) => {
      const app = await scene.app();
      await app.send({ do: 'reject', reason: 'huge does not fit into memory' });
      await scene.write(generation(2));
      await app.hasState('degraded', /huge does not fit into memory/);
      assert.equal(app.generations.at(-1), 1);
      await scene.hasStatus(
        ({ active, rejected }) =>
          active === app.version &&
          rejected?.version === app.state?.rejected &&
          JSON.stringify(rejected).includes('huge does not fit into memory'),
      );
      await app.send({ do: 'accept' });
      await scene.write(generation(3));
      await app.runsOn(3);
      await app.hasState('ok');
      assert.deepEqual(app.generations, [1, 3]);
    },
  },
  {
    name: 'a slow prepare changes nothing until it has ended',
    run: async (scene) => {
      const app = await scene.app();
      await app.send({ do: 'hold' });
      await scene.write(generation(2));
      await app.prepares(2);
      assert.equal(app.generations.at(-1), 1);
      app.tell({ do: 'release' });
      await app.runsOn(2);
    },
  },
  {
    name: 'a burst collapses to the newest version',
    run: async (scene) => {
      const app = await scene.app();
      await app.send({ do: 'hold' });
      await scene.write(generation(2));
      await app.prepares(2);
      for (let count = 3; count <= 20; count++) await scene.write(generation(count));
      app.tell({ do: 'release' });
      await app.runsOn(20);
      assert.ok(app.generations.length < 10, `${app.generations}`);
    },
  },
  {
    name: 'P1: twenty changes, each in both files at once',
    run: async (scene) => {
      const app = await scene.app();
      for (let count = 2; count <= 20; count++) {
        await scene.write(generation(count));
        await app.runsOn(count);
      }
    },
  },
  {
    name: 'a late subscriber starts on the active version',
    run: async (scene) => {
      const first = await scene.app({ name: 'first' });
      await scene.write(generation(2));
      await first.runsOn(2);
      const late = await scene.app({ name: 'late' });
      await late.runsOn(2);
      assert.deepEqual(late.kinds(), ['connected']);
      await scene.write(generation(3));
      await Promise.all([first.runsOn(3), late.runsOn(3)]);
    },
  },
  {
    name: 'P4: a late subscriber never gets a version that another one has refused',
    only: 'sidecar',
    run: async (scene) => {
      const first = await scene.app({ name: 'first' });
      await first.send({ do: 'reject', reason: 'no' });
      await scene.write(generation(2));
      await first.hasState('degraded', /no/);
      const late = await scene.app({ name: 'late' });
      await late.hasState('degraded', /no/);
      assert.deepEqual(late.generations, [1]);
    },
  },
  {
    name: 'P5: two apps, one refuses: none changes',
    only: 'sidecar',
    run: async (scene) => {
      const [one, two] = [await scene.app({ name: 'one' }), await scene.app({ name: 'two' })];
      await two.send({ do: 'reject', reason: 'too large for two' });
      await scene.write(generation(2));
      await one.hasState('degraded', /too large for two/);
      assert.deepEqual(one.kinds(['prepare', 'abort', 'change']), ['prepare', 'abort']);
      await two.send({ do: 'accept' });
      await scene.write(generation(3));
      await Promise.all([one.runsOn(3), two.runsOn(3)]);
      assert.deepEqual(
        [one.generations, two.generations],
        [
          [1, 3],
          [1, 3],
        ],
      );
    },
  },
  {
    name: 'a part that needs a restart waits for it, and the next process takes it',
    run: async (scene) => {
      const app = await scene.app();
      await scene.write(generation(2, { workers: 2 }));
      await app.hasState('pending-restart');
      await scene.hasStatus(
        ({ active, phase }) => active === app.version && phase === 'pending-restart',
      );
      assert.deepEqual(app.generations, [1]);
      await app.kill();
      const next = await scene.app();
      await next.runsOn(2);
      assert.deepEqual(next.generations, [2]);
      await scene.hasStatus(
        ({ active, health }) => active === next.version && health.state === 'ok',
      );
    },
  },
  {
    name: 'a pending restart ends when a newer version needs none',
    run: async (scene) => {
      const app = await scene.app();
      await scene.write(generation(2, { workers: 2 }));
      await app.hasState('pending-restart');
      await scene.write(generation(3));
      await app.runsOn(3);
      await app.hasState('ok');
      assert.deepEqual(app.generations, [1, 3]);
    },
  },
  {
    name: 'a version that fails its confirmation is rolled back',
    only: 'sidecar',
    run: async (scene) => {
      const app = await scene.app();
      await scene.hasStatus(({ active }) => active === app.version);
      // Not by the generation now: what the app has printed may be read after the question for its health.
      scene.pod.app.onHealth = () => (app.generations.length < 3 ? 500 : 200);
      await scene.write(generation(2));
      await app.until(({ generations }) => generations.length === 3, 'rollback');
      assert.deepEqual(app.generations, [1, 2, 1]);
      await app.hasState('degraded');
      await scene.hasStatus(({ active, rejected }) => active === app.version && rejected !== null);
    },
    confirm: true,
  },
  {
    name: 'P7: while the sidecar is away, the app keeps its value and says so; then it goes on',
    only: 'sidecar',
    run: async (scene) => {
      const app = await scene.app();
      await scene.hasStatus(({ active }) => active === app.version);
      await scene.pod.kill();
      await app.hasState('disconnected');
      assert.equal(app.generations.at(-1), 1);
      scene.startSidecar();
      await app.hasState('ok');
      await scene.pod.kill();
      await app.hasState('disconnected');
      await scene.write(generation(2));
      scene.startSidecar();
      await app.runsOn(2);
      await app.hasState('ok');
      assert.deepEqual(app.generations, [1, 2]);
    },
  },
  {
    name: 'an unknown bundle is an error that names it',
    only: 'sidecar',
    run: async (scene) => {
      const app = await scene.app({ bundle: 'modle' });
      assert.match(app.failure, /modle/);
      assert.equal(app.failure, app.failure.trim());
    },
  },
  {
    name: 'a file for each key of a secret: typed, whole, and not shown',
    only: 'sdk',
    run: async (scene) => {
      const app = await scene.app({ hasKeys: true });
      await scene.writeKeys('hunter2000');
      await app.until(({ values }) => values.length === 2, 'new password');
      const shown = { username: '[secret]', password: '[secret]' };
      const seen = app.values.map(({ value, length }) => [value.db, length]);
      assert.deepEqual(seen, [
        [shown, 7],
        [shown, 10],
      ]);
      await app.send({ do: 'reject', reason: 'cannot log in as svc:hunter2000' });
      await scene.write(generation(2));
      await app.hasState('degraded');
      const { lines, stderr } = scene.pod;
      assert.doesNotMatch(JSON.stringify([app.seen, app.stderr, lines, stderr]), /hunter/);
      await scene.hasStatus((status) => !JSON.stringify(status).includes('hunter'));
    },
    keys: true,
  },
  {
    name: 'a broken file keeps the old value and says where it is wrong',
    run: async (scene) => {
      const app = await scene.app();
      await scene.write({ ...generation(2), 'config.json': '{\n  "generation": 2,\n' });
      await app.hasState('degraded', /config\.json|line 3/);
      await scene.write(generation(3));
      await app.runsOn(3);
      assert.deepEqual(app.generations, [1, 3]);
    },
  },
  {
    name: "the app's schema refuses with a reason",
    run: async (scene) => {
      const app = await scene.app();
      await scene.write(generation(2, { batch_size: 128 }));
      await app.hasState('degraded', /batch_size/);
      await scene.write(generation(3, { batch_size: 64 }));
      await app.runsOn(3);
      assert.deepEqual(app.generations, [1, 3]);
    },
  },
  {
    name: 'an app that closes in its listener gets nothing more, and delays no other app',
    run: async (scene) => {
      const closing = await scene.app({ name: 'closing', closeOnChange: true });
      const other = await scene.app({ name: 'other' });
      await scene.write(generation(2));
      await Promise.all([other.runsOn(2), closing.until(({ isClosed }) => isClosed, 'close')]);
      const { length } = closing.seen;
      await scene.write(generation(3));
      await other.runsOn(3);
      await closing.send({ do: 'accept' });
      assert.deepEqual(closing.seen.slice(length), [{ seen: 'done', do: 'accept' }]);
    },
  },
];
