import assert from 'node:assert/strict';
import { join } from 'node:path';
import { suite, type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type App, type Client, generation, Scene } from '../contract/sdk/scene.ts';
import { Random } from '../rollout/random.ts';

const SEED = Number(process.env.LASTGOOD_SEED ?? Date.now() % 1_000_000);
const SIDECAR_KILLS = 100;
const APP_KILLS = 8;
const REFUSAL = 0.4;
const PATIENCE_MS = 20_000;
/** A fault is tried again soon. */
const RETRIES = { backoff: '100ms', max: '1s' };
const NAMES = ['one', 'two', 'three'] as const;

const BUILT = join(import.meta.dirname, '../../sidecar/dist/lastgood.js');
const SDK: Client = {
  name: 'the SDK with a sidecar',
  command: [process.execPath, join(import.meta.dirname, '../contract/sdk/app.ts')],
  hasSidecar: true,
  sidecar: [process.execPath, BUILT],
};

/** Three apps, and all versions that they were offered. */
class Story {
  readonly random = new Random(SEED);
  readonly apps = new Map<string, App>();
  readonly scene: Scene;
  readonly #context: TestContext;
  readonly #refused = new Set<number>();
  #newest = 1;

  private constructor(scene: Scene, context: TestContext) {
    this.scene = scene;
    this.#context = context;
  }

  static async start(context: TestContext): Promise<Story> {
    context.diagnostic(`LASTGOOD_SEED=${SEED}`);
    const story = new Story(
      await Scene.create(context, SDK, { target: { retries: RETRIES } }),
      context,
    );
    await Promise.all(NAMES.map((name) => story.restart(name)));
    return story;
  }

  async restart(name: string): Promise<void> {
    await this.apps.get(name)?.kill();
    this.apps.set(name, await this.scene.app({ name }));
  }

  /** With this probability one of the apps refuses it. */
  async change(refusal = 0): Promise<void> {
    this.#newest += 1;
    const isRefused = this.random.chance(refusal);
    if (isRefused) this.#refused.add(this.#newest);
    const more = isRefused ? { refused_by: this.random.pick(NAMES) } : {};
    await this.scene.write(generation(this.#newest, more));
  }

  /** P5: waits until all apps run on the newest version, and the sidecar knows. */
  async settles(): Promise<void> {
    const apps = [...this.apps.values()];
    await Promise.all(apps.map((app) => app.runsOn(this.#newest)));
    const [version] = new Set(apps.map((app) => app.version));
    await this.scene.hasStatus(({ active, phase }) => active === version && phase === 'steady');
    assert.deepEqual(new Set(apps.map((app) => app.version)), new Set([version]));
  }

  async ends(): Promise<void> {
    await this.change();
    await this.settles();
    for (const app of this.scene.apps) {
      app.check();
      const taken = app.generations.filter((one) => this.#refused.has(one));
      assert.deepEqual(taken, [], `P4: ${app.name} runs on a refused version`);
    }
    const [app] = this.apps.values();
    const kinds = ['prepare', 'abort', 'change'] as const;
    const counts = kinds.map((kind) => `${app?.kinds([kind]).length} ${kind}`);
    const numbers = `${this.#newest} versions, ${this.#refused.size} refused; an app: ${counts}`;
    this.#context.diagnostic(numbers);
  }
}

suite('SDK apps and a sidecar that are killed', { concurrency: true }, () => {
  test(`P1 P4 P5: the sidecar, ${SIDECAR_KILLS} times under good and refused changes`, async (context) => {
    const story = await Story.start(context);
    const { random, scene } = story;
    const countEvents = () => scene.apps.flatMap((app) => app.kinds()).length;
    for (let kills = 0; kills < SIDECAR_KILLS; kills++) {
      // Most kills hit the start; the others hit rollouts that the apps take part in, 3 s after it.
      const isLate = random.chance(0.2);
      const before = countEvents();
      await story.change(REFUSAL);
      if (isLate) await within(PATIENCE_MS, () => countEvents() > before);
      for (let writes = random.int(0, isLate ? 8 : 2); writes > 0; writes--) {
        await sleep(random.int(0, 60));
        await story.change(REFUSAL);
      }
      await sleep(random.int(0, isLate ? 100 : 700));
      await scene.pod.kill();
      if (random.chance(0.3)) await story.change(REFUSAL);
      scene.startSidecar();
    }
    await story.ends();
  });

  for (const step of ['prepare', 'commit'] as const)
    test(`P1 P4 P5: apps, in ${APP_KILLS} versions in ${step}`, async (context) => {
      const story = await Story.start(context);
      const { random, apps } = story;
      for (let kills = 0; kills < APP_KILLS; kills++) {
        const first = random.pick(NAMES);
        const victims = NAMES.filter((name) => name === first || random.chance(0.3));
        const dying = victims.map((name) => apps.get(name));
        await Promise.all(dying.map((app) => app?.send({ do: 'die', in: step })));
        await story.change();
        await Promise.race(dying.map((app) => app?.ended()));
        await sleep(random.int(0, 500));
        await Promise.all(victims.map((name) => story.restart(name)));
        await story.settles();
        if (random.chance(0.5)) await story.change(1);
      }
      await story.ends();
    });
});

/** Waits for it, or until the time is over. */
async function within(timeoutMs: number, isSo: () => boolean): Promise<void> {
  const end = Date.now() + timeoutMs;
  while (!isSo() && Date.now() < end) await sleep(2);
}
