import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Ack, ProtocolEvent } from '@lastgood/core/model/sdk-protocol.ts';
import { Random } from '../../../test/rollout/random.ts';
import { App, type Says, World } from './hub.testing.ts';

/** `LASTGOOD_SEED=n` runs one seed again, and `LASTGOOD_RUNS=n` tries more of them. */
const RUNS = Number(process.env.LASTGOOD_RUNS ?? 60);

const STEPS = 50;
const MAX_APPS = 5;

/** What the apps and the proof do with a version, by the last letter of its name. */
const FATES = ['', '', '', 'x', 'r', 'u'] as const;

test('P4, P5 and P6 hold in every order of events, from a printed seed', async (context) => {
  const only = process.env.LASTGOOD_SEED;
  const first = only === undefined ? Math.floor(Math.random() * 1e9) : Number(only);
  const runs = only === undefined ? RUNS : 1;
  context.diagnostic(`seeds ${first} to ${first + runs - 1}`);
  for (let seed = first; seed < first + runs; seed++)
    await new Simulation(seed).run().catch((error) => {
      throw new Error(`LASTGOOD_SEED=${seed}`, { cause: error });
    });
});

/** Any app may refuse a version that ends in `x`, and none can change to one that ends in `r`. */
const says: Says = (version, event) => {
  if (event === 'prepare' && version.endsWith('x')) return 'reject';
  return event === 'prepare' && version.endsWith('r') ? 'restart' : 'accept';
};

class Simulation {
  readonly #random: Random;
  readonly #world: World;
  readonly #apps: App[] = [];
  /** By rollout: who prepares for it, neither committed nor aborted yet, and the answer. */
  readonly #open = new Map<string, Map<string, Ack['verdict'] | null>>();
  readonly #committed = new Set<string>();
  /** Sessions that got `prepare` while another, which had accepted, switched or lost its connection. */
  readonly #late = new Set<string>();
  readonly #violations: string[] = [];
  #versions = ['v1'];

  constructor(seed: number) {
    this.#random = new Random(seed);
    this.#world = new World({
      unanswered: this.#random.pick(['fault', 'ignore']),
      min: this.#random.int(0, 2),
      confirm: async ({ version, signal }) => {
        await this.#world.clock.sleep(3_000, signal);
        const refused = new AbortController();
        refused.abort();
        return version.endsWith('u')
          ? { accepted: false, findings: [] }
          : { accepted: true, findings: [] };
      },
      ...(this.#random.chance(0.5) ? { config: { conditionalTargets: [0] } } : {}),
    });
    this.#world.restart = async () => {
      for (const each of this.#apps) if (each.isConnected) each.restartNow();
    };
    this.#world.onSend = (app, event) => this.#check(app, event);
    this.#world.onAnswer = ({ session }, { event, rollout = '', verdict }) => {
      const open = this.#open.get(rollout);
      const id = session?.id ?? '';
      if (event === 'prepare' && open?.get(id) === null) open.set(id, verdict);
    };
  }

  async run(): Promise<void> {
    await this.#world.start();
    for (let step = 0; step < STEPS; step++) await this.#step();
    await this.#converge();
  }

  async #step(): Promise<void> {
    const random = this.#random;
    const world = this.#world;
    const app = this.#apps.length === 0 ? undefined : random.pick(this.#apps);
    const roll = random.int(0, 99);
    if (roll < 15) await world.write(this.#newVersion(random.pick(FATES)));
    else if (roll < 25 && this.#apps.length < MAX_APPS) await this.#addApp();
    else if (roll < 32) await app?.disconnect();
    else if (roll < 42) await (app?.isConnected ? undefined : app?.connect({ resumes: true }));
    else if (roll < 47) await app?.restart();
    else if (roll < 50) this.#leave(app);
    else if (roll < 54) await this.#restartSidecar();
    else if (roll < 80) this.#answer(app);
    else await world.clock.pass(random.pick([0, 100, 1_000, 3_000, 6_000, 40_000]));
    await world.clock.pass(0);
    this.#checkContent();
    assert.deepEqual(this.#violations, []);
  }

  #newVersion(fate: string): string {
    const name = `v${this.#versions.length + 1}${fate}`;
    this.#versions.push(name);
    return name;
  }

  async #addApp(): Promise<void> {
    const app = new App(this.#world, `app${this.#apps.length}`, says);
    app.isSlow = this.#random.chance(0.5);
    this.#apps.push(app);
    await app.connect();
  }

  #leave(app: App | undefined): void {
    if (app === undefined) return;
    app.session?.leave();
    app.cut();
    this.#apps.splice(this.#apps.indexOf(app), 1);
  }

  async #restartSidecar(): Promise<void> {
    for (const each of this.#apps) each.cut();
    this.#open.clear();
    this.#committed.clear();
    await this.#world.start();
    for (const each of this.#apps) if (this.#random.chance(0.8)) await each.connect();
  }

  #answer(app: App | undefined): void {
    const answered = app?.answerHeld(0);
    if (answered === undefined || !answered.counted) return;
    const { event, data } = answered.event;
    if (event === 'hello' || event === 'state' || event === 'abort') return;
    const rollout = 'rollout' in data ? { rollout: data.rollout } : {};
    const again: Ack = { event, version: data.version, verdict: 'accept', ...rollout };
    assert.equal(app?.session?.ack(again), false, 'a double answer does not count');
  }

  /** What no subscriber may ever be sent. */
  #check(app: App, event: ProtocolEvent): void {
    const id = app.session?.id ?? app.name;
    if (event.event === 'start') {
      const version = event.data.version.slice(7);
      const { ends, state } = this.#world;
      // A version that was only not answered is tried again.
      const isRefused = version.endsWith('x') && ends.includes(`${version} rejected`);
      const isWanted = 'rollout' in state.phase && state.phase.rollout.version.slice(7) === version;
      const isGood = isWanted || state.active === event.data.version;
      if (isRefused && !isGood) this.#violations.push(`P4: ${app.name} starts on ${version}`);
    }
    if (!('rollout' in event.data)) return;
    const { rollout } = event.data;
    const open = this.#open.get(rollout) ?? new Map<string, Ack['verdict'] | null>();
    this.#open.set(rollout, open);
    if (event.event === 'prepare') {
      open.set(id, open.get(id) ?? null);
      if (this.#isSwitching()) this.#late.add(`${rollout} ${id}`);
    }
    if (event.event === 'commit') this.#checkCommit(rollout, open);
    if (event.event === 'abort' || event.event === 'commit') open.delete(id);
  }

  /** The first process to switch does so only once all have accepted (P5). */
  #checkCommit(rollout: string, open: ReadonlyMap<string, Ack['verdict'] | null>): void {
    if (this.#committed.has(rollout)) return;
    this.#committed.add(rollout);
    // The ones that come after that switch one by one, also if it was lost just then.
    const { shown } = this.#world.hub.status();
    if (this.#world.state.phase.name !== 'delivering') return;
    if (shown.some(({ state }) => state === 'disconnected')) return;
    for (const [id, verdict] of open) {
      const isAsked =
        this.#world.hub.session(id) !== undefined && !this.#late.has(`${rollout} ${id}`);
      if (isAsked && verdict !== 'accept') this.#violations.push(`P5: ${id} has not accepted`);
    }
  }

  #isSwitching(): boolean {
    if (this.#world.state.phase.name !== 'delivering') return false;
    const { shown } = this.#world.hub.status();
    return shown.some(({ state }) => state === 'disconnected' || state === 'committing');
  }

  /** Each process reads the content of versions that it was sent only (P4). */
  #checkContent(): void {
    for (const { session, heard, runs, name } of this.#apps.filter((each) => each.isConnected))
      for (const version of this.#versions)
        if (session?.content(`sha256:${version}`) !== undefined)
          assert.ok(
            version === runs || heard.some((line) => line.endsWith(` ${version}`)),
            `${name} can read ${version}`,
          );
  }

  /** Once the apps answer and the volume holds a good version, all run on it. */
  async #converge(): Promise<void> {
    const world = this.#world;
    while (this.#apps.length < 2) await this.#addApp();
    for (const each of this.#apps) {
      each.isSlow = false;
      while (each.answerHeld(0) !== undefined);
      if (!each.isConnected) await each.connect({ resumes: true });
    }
    const last = this.#newVersion('');
    await world.write(last);
    await world.clock.pass(30 * 60_000);
    const { state } = world;
    assert.deepEqual([state.phase.name, state.active?.slice(7)], ['steady', last]);
    for (const each of this.#apps) {
      assert.equal(each.runs, last, each.name);
      assert.equal(each.prepared, undefined, `${each.name} still holds ${each.prepared}`);
    }
    assert.equal(world.hub.status().count, this.#apps.length);
    for (const open of this.#open.values())
      for (const id of open.keys())
        assert.equal(world.hub.session(id), undefined, `${id} prepares`);
  }
}
