import assert from 'node:assert/strict';
import { findingOf } from '@lastgood/core/model/error.ts';
import type { Version } from '@lastgood/core/model/snapshot.ts';
import type { Answer, Effect, Event, Work } from '../../sidecar/src/rollout/events.ts';
import { next } from '../../sidecar/src/rollout/machine.ts';
import type { Outcome } from '../../sidecar/src/rollout/outcome.ts';
import { recover } from '../../sidecar/src/rollout/recovery.ts';
import {
  type Rollout,
  type RolloutConfig,
  rolloutOf,
  type State,
} from '../../sidecar/src/rollout/state.ts';
import { deliveryOrder, needsDelivery } from '../../sidecar/src/rollout/targets.ts';
import type { Random } from './random.ts';
import { type Content, Subscribers, TAKES } from './subscribers.ts';

/** Steps that an app which has crashed is down for, at rest: long enough for a delivery to see it. */
const DOWN_STEPS = 6;

/** The time that one look at an app takes, in the mean, while a confirmation waits for it. */
const LOOK_MS = 600;

/** So often a version may end the app, at rest: twice, and once that no delivery saw. */
const MAX_KILLS = 3;

/** Effects that change something. */
const ACTING: ReadonlySet<string> = new Set(['publish', 'deliver', 'commit']);

/** The settings of a simulated pod. */
export interface Plan extends RolloutConfig {
  /** The index of the subscribers target. */
  readonly subscribers?: number;
}

interface App {
  isUp: boolean;
  running: Version | null;
  /** How often the volume had changed when it read its content. */
  readAt: number;
  /** Steps until it starts again. */
  downFor: number;
  /** A delivery ends it, as a restart target does: it then reads the content at its next start. */
  readonly endsWhenTold: boolean;
}

/**
 * A pod in a few variables: a volume, a disk, apps, and the machine between them. It performs
 * effects in any order, answers them by the dice, kills and recovers the sidecar at any moment, and
 * checks the promises after every step.
 */
export class World {
  readonly config: Plan;
  readonly outcomes = new Map<string, Outcome>();
  /** Every change of phase within a rollout that was seen: `publishing --> delivering`. */
  readonly transitions = new Set<string>();
  /** The apps behind the plain targets, by the index of the target. */
  readonly apps = new Map<number, App>();
  readonly #subscribers: Subscribers | null;
  /** What survives a kill. */
  journal: State | null = null;
  published: Version | null = null;
  lastGood: Version | null = null;
  volume: Content;
  state: State;
  pending: Work[] = [];
  /** The volume has changed since this sidecar's process started. */
  #changedSinceStart = false;
  /** How often the volume has changed: now, and when a rollout's content was captured. */
  #changes = 0;
  #capturedAt = new Map<string, number>();
  /** How often a version has ended the app since the world came to rest. */
  #kills = new Map<Version, number>();
  /** No more faults, restarts or kills: everything has to come to rest. */
  isCalm = false;
  #random: Random;
  #contents = new Map<Version, Content>();
  #rollouts = 0;
  /** The rollouts that began because an app was absent in a rollback for too long. */
  #turns = new Set<string>();
  /** Which targets this run of the sidecar has told, for which rollout's way there or back. */
  #told = new Set<string>();
  #trace: string[] = [];

  constructor(config: Plan, random: Random) {
    this.config = config;
    this.#random = random;
    const { subscribers, conditionalTargets = [] } = config;
    this.#subscribers = subscribers === undefined ? null : new Subscribers(this, random);
    for (const index of config.targets.keys())
      if (index !== subscribers && !conditionalTargets.includes(index))
        this.apps.set(index, {
          isUp: false,
          running: null,
          readAt: 0,
          downFor: 0,
          endsWhenTold: random.chance(0.3),
        });
    this.volume = this.newContent();
    this.#beforeFirstLook();
    this.state = this.#recovered();
    this.capture();
  }

  /** In direct mode an app may start, and the volume change, before the sidecar sees the volume. */
  #beforeFirstLook() {
    if (this.config.publishes) return;
    for (const index of this.apps.keys()) if (this.#random.chance(0.3)) this.#startApp(index);
    if (this.#random.chance(0.3)) this.change();
  }

  newContent(): Content {
    const version: Version = `sha256:v${this.#contents.size}`;
    const app = this.#random.pick(TAKES);
    const known = [...this.#contents.values()];
    const content: Content =
      known.length > 0 && this.#random.chance(0.2)
        ? { ...this.#random.pick(known), version }
        : {
            version,
            meaning: version,
            valid: this.#random.chance(0.75),
            app,
            threads: this.#random.int(1, 2),
          };
    this.#contents.set(version, content);
    return content;
  }

  /** One step of whatever may happen next. */
  step() {
    const dice = this.#random.next();
    if (this.isCalm) this.performOne();
    else if (dice < 0.08) this.change();
    else if (dice < 0.14) this.capture();
    else if (dice < 0.17) this.kill();
    else if (dice < 0.18) this.renew();
    else if (dice < 0.25) this.#restartApp();
    else this.performOne();
    this.#checkPromises();
  }

  change() {
    const old = [...this.#contents.values()];
    this.volume = this.#random.chance(0.3) ? this.#random.pick(old) : this.newContent();
    this.#changedSinceStart = true;
    this.#changes += 1;
    this.#note(`volume holds ${this.volume.version} ${JSON.stringify(this.volume)}`);
  }

  capture() {
    const rollout = this.#newRollout();
    this.#capturedAt.set(rollout, this.#changes);
    if (!this.isCalm && this.#random.chance(0.05)) {
      const findings = [findingOf('LG_CAPTURE_EMPTY')];
      this.feed({ type: 'uncapturable', rollout, findings });
    } else this.feed({ type: 'captured', rollout, version: this.volume.version, ...this.#more() });
  }

  /** What else the runner tells the machine of a capture. */
  #more(): { changedSinceStart?: true; isRewritten?: true } {
    const { phase, desired } = this.state;
    const isFirst = phase.name === 'starting' && phase.firstStart && !this.config.publishes;
    const isRewritten = desired === this.volume.version && this.#unlucky(0.3);
    return {
      ...(isFirst && this.#changedSinceStart ? { changedSinceStart: true } : {}),
      ...(isRewritten ? { isRewritten: true } : {}),
    };
  }

  kill() {
    this.#note('kill -9');
    this.pending = [];
    // What a proof is compared with is gone as well.
    this.#told.clear();
    this.#changedSinceStart = false;
    if (this.#random.chance(0.2)) this.change();
    this.state = this.#recovered();
    this.capture();
  }

  /** The pod is gone, and a new one finds what outlives a pod: the journal and the last good one. */
  renew() {
    this.#note('a new pod');
    for (const app of this.apps.values()) Object.assign(app, { isUp: false, running: null });
    this.#subscribers?.end(this.#subscribers.processes, 0);
    this.published = null;
    this.kill();
  }

  #newRollout(): string {
    this.#rollouts += 1;
    return `r${this.#rollouts}`;
  }

  #recovered(): State {
    const visible = this.config.publishes ? this.published : this.volume.version;
    const [state, effects] = recover(
      { saved: this.journal, visible, lastGood: this.lastGood, rollbackId: this.#newRollout() },
      this.config,
    );
    this.journal = state;
    this.state = state;
    this.#take(effects);
    return state;
  }

  feed(event: Event) {
    this.#note(`event ${JSON.stringify(event)}`);
    const [state, effects] = next(this.state, event, this.config);
    this.#noteTransition(this.state, state);
    this.state = state;
    if (state.phase.name === 'pending-restart' && state.pendingRetry?.isTurn)
      this.#turns.add(state.phase.rollout.rollout);
    // Journaled before the effects it describes (P7).
    this.journal = state;
    this.#note(`  state ${JSON.stringify({ ...state, quarantine: state.quarantine.length })}`);
    if (!this.isCalm && this.#random.chance(0.02)) return this.kill();
    this.#take(effects);
  }

  #noteTransition(from: State, to: State) {
    const [before, after] = [rolloutOf(from)?.rollout, rolloutOf(to)?.rollout];
    // That a newer rollout takes over is the same from everywhere, and said beside the diagram.
    const isTakenOver = before !== undefined && after !== undefined && before !== after;
    const names = [phaseName(from), phaseName(to)];
    if (
      from.generation === to.generation ||
      isTakenOver ||
      names.every((name) => name === 'steady')
    )
      return;
    this.transitions.add(names.join(' --> '));
  }

  #take(effects: readonly Effect[]) {
    for (const effect of effects) {
      this.#note(`  effect ${JSON.stringify(effect)}`);
      if (effect.type === 'finish') this.#finish(effect.rollout, effect.outcome);
      else this.pending.push(effect);
    }
  }

  #finish(rollout: string, outcome: Outcome) {
    assert.equal(this.outcomes.get(rollout), undefined, `${rollout} ended twice`);
    this.outcomes.set(rollout, outcome);
  }

  performOne() {
    // The runner stops confirmations and waits of a phase that is over.
    this.pending = this.pending.filter(
      (effect) =>
        !(effect.type === 'confirm' || effect.type === 'wait') ||
        effect.generation === this.state.generation,
    );
    if (this.isCalm) for (const index of this.apps.keys()) this.#startApp(index);
    if (this.isCalm || this.#random.chance(0.3)) this.#subscribers?.start();
    if (this.pending.length === 0) return;
    const effect = this.#random.pick(this.pending);
    this.pending = this.pending.filter((other) => other !== effect);
    this.#perform(effect);
  }

  #perform(effect: Work) {
    this.#note(`perform ${effect.type}`);
    switch (effect.type) {
      case 'validate':
        return this.#validate(effect);
      case 'await-restart':
        return this.#awaitRestart(effect);
      case 'publish':
        return this.#publish(effect);
      case 'deliver':
        return this.#deliver(effect);
      case 'confirm':
        return this.#confirm(effect);
      case 'commit':
        return this.#commit(effect);
      case 'wait':
        return this.feed({ type: 'retry-due', generation: effect.generation });
      case 'wait-pending-retry': {
        const { version } = effect;
        return this.feed({ type: 'pending-retry-due', rollout: this.#newRollout(), version });
      }
    }
  }

  #validate({ rollout, version }: Work & { type: 'validate' }) {
    const accepted = this.contentOf(version).valid;
    if (accepted && this.#unlucky(0.05)) {
      const fault = { accepted: false, findings: [], step: 'prepare', fault: true } as const;
      return this.feed({ type: 'validated', rollout, ...fault });
    }
    const { active } = this.state;
    const isSame = active !== null && this.#meaningOf(active) === this.#meaningOf(version);
    const same = isSame ? { equivalentTo: active } : {};
    const asked = accepted && !isSame ? this.#prepare(version) : {};
    this.feed({ type: 'validated', rollout, accepted, findings: [], ...same, ...asked });
  }

  /** Asks the subscribers that are there, which may be none yet. */
  #prepare(version: Version): Partial<Event & { type: 'validated' }> {
    const isDelivered = version === this.state.active || version === rolloutOf(this.state)?.version;
    const subscribers = this.#subscribers;
    if (subscribers === null || isDelivered || subscribers.up.length === 0) return {};
    if (this.#random.chance(0.2)) return {};
    if (version !== this.lastGood && this.contentOf(version).app === 'refuses')
      return { accepted: false, step: 'prepare' };
    return subscribers.needing(version).length === 0 ? {} : { needsRestart: [] };
  }

  /** A person restarts the app at some time, and it may end by itself. */
  #awaitRestart(effect: Work & { type: 'await-restart' }) {
    const { generation, version } = effect;
    if (this.#unlucky(0.05)) return this.feed({ type: 'failed', generation, findings: [] });
    const subscribers = this.#subscribers;
    assert.ok(subscribers, 'only a subscriber needs a restart');
    if (subscribers.needing(version).length === 0)
      return this.feed({ type: 'done', generation, findings: [] });
    if (this.isCalm || this.#random.chance(0.1)) this.#endSubscribers();
    this.pending.push(effect);
  }

  #endSubscribers() {
    this.#note('the subscribers end');
    const downFor = this.isCalm ? DOWN_STEPS : this.#random.int(0, 6);
    this.#subscribers?.end(this.#subscribers.processes, downFor);
  }

  #publish({ generation, version }: Work & { type: 'publish' }) {
    assert.ok(this.contentOf(version).valid, `P4: ${version} did not pass its checks`);
    this.#checkRestarted();
    if (this.#unlucky(0.1)) return this.feed({ type: 'failed', generation, findings: [] });
    this.published = version;
    if (this.#unlucky(0.05)) return this.kill();
    this.feed({ type: 'done', generation, findings: [] });
  }

  /** Without a restart target, the apps that need a restart end before anything is published. */
  #checkRestarted() {
    const { phase } = this.state;
    if (phase.name !== 'publishing' || this.config.conditionalTargets?.length) return;
    const { needsRestart, failure, version } = phase.rollout;
    if (needsRestart === undefined || failure !== null || phase.tries.attempt > 1) return;
    const left = this.#subscribers?.needing(version).length;
    assert.equal(left, 0, 'published before the apps have ended');
  }

  #deliver({ generation, version, target, reason }: Work & { type: 'deliver' }) {
    const content = this.contentOf(version);
    assert.ok(content.valid, `P4: ${version} did not pass its checks`);
    const isQuarantined = this.state.quarantine.some((entry) => entry.version === version);
    assert.ok(!isQuarantined, `P4: ${version} is quarantined`);
    if (this.config.publishes)
      assert.equal(this.published, version, 'the app is notified of the published version');
    if (reason === 'rollback')
      assert.equal(version, this.lastGood, 'only the last good comes back');
    this.#told.add(wayOf(this.state, target));
    if (this.config.conditionalTargets?.includes(target)) return this.#deliverRestart(generation);
    if (target === this.config.subscribers) return this.#deliverToAll(generation, content, reason);
    const app = this.#app(target);
    if (!app.isUp) return this.#answered(generation, 'absent');
    if (this.isFatal(content)) return this.#crash(target, generation, version);
    const answer = this.#answerOf(content);
    // A fault may come after the app has taken it, and a refusal half-way.
    const takes = answer === 'accepted' || this.#random.chance(0.3);
    if (takes && app.endsWhenTold) this.#end(target);
    else if (takes) this.#read(app);
    if (this.#unlucky(0.05)) return this.kill();
    this.#answered(generation, answer);
  }

  /** A restart target ends all subscribers, if its settings fit. */
  #deliverRestart(generation: number) {
    const isDown = this.#subscribers?.up.length === 0;
    if (isDown) return this.#answered(generation, 'absent');
    if (this.#unlucky(0.2)) return this.#answered(generation, 'fault');
    if (!this.#unlucky(0.2)) this.#endSubscribers();
    this.#answered(generation, 'accepted');
  }

  #deliverToAll(generation: number, content: Content, reason: string) {
    const verdict = this.#answerOf(content);
    const takes = verdict === 'accepted' || this.#random.chance(0.3);
    const delivered = this.#subscribers?.deliver(content, verdict, takes);
    assert.ok(delivered);
    const { answer, ...reset } = delivered;
    if (reset.isReset) {
      this.#endSubscribers();
      this.#countKill(content.version);
    }
    // Without a restart target, a rollback waits for a person.
    if (answer === 'restart' && reason === 'rollback' && this.isCalm) this.#endSubscribers();
    if (this.#unlucky(0.05)) return this.kill();
    this.#answered(generation, answer, reset);
  }

  /** Whether the app cannot bear a version that is not known to be good. */
  isFatal({ app, version }: Content): boolean {
    return version !== this.lastGood && (app === 'kills' || app === 'cannot-start');
  }

  /** The app ends without an answer. */
  #crash(target: number, generation: number, version: Version) {
    this.#end(target);
    this.#countKill(version);
    if (this.#unlucky(0.05)) return this.kill();
    this.#answered(generation, 'fault', { isReset: true });
  }

  #countKill(version: Version) {
    if (!this.isCalm) return;
    const kills = (this.#kills.get(version) ?? 0) + 1;
    assert.ok(kills <= MAX_KILLS, `${version} ends the app again and again`);
    this.#kills.set(version, kills);
  }

  #answered(generation: number, answer: Answer, reset: { isReset?: true } = {}) {
    const more = {
      ...reset,
      ...(this.#unlucky(0.2) ? { retryAfterMs: 60_000 } : {}),
      ...(this.#unlucky(0.1) ? { final: true as const } : {}),
    };
    const before = this.state;
    const back = rolloutOf(before)?.failure != null;
    this.feed({ type: 'answered', generation, answer, findings: [], ...more });
    const wait = this.pending.find((effect) => effect.type === 'wait');
    if (wait?.generation !== generation + 1 || this.state.generation !== generation + 1) return;
    assert.ok(back || answer !== 'fault' || !more.final, 'a final fault is not tried again');
    const { phase } = before;
    const counts = phase.name === 'delivering' && phase.tries.faults > 0 && !back;
    if (answer === 'absent' && !counts)
      assert.equal(wait.ms, Math.max(1_000, wait.leastMs ?? 0), 'an absent app: each second');
    if (more.retryAfterMs) assert.ok((wait.leastMs ?? 0) >= more.retryAfterMs, 'not sooner');
  }

  #answerOf({ app, version }: Content): 'accepted' | 'refused' | 'fault' {
    if (version === this.lastGood) return this.#unlucky(0.1) ? 'fault' : 'accepted';
    if (app === 'refuses') return 'refused';
    const isFaulty = !this.isCalm || this.config.quarantineAfter !== undefined;
    if (app === 'fails-at-first' && isFaulty) return 'fault';
    return this.#unlucky(0.1) ? 'fault' : 'accepted';
  }

  #confirm(effect: Work & { type: 'confirm' }) {
    const { generation, version, waitForFirstResponse, maxAbsenceMs } = effect;
    this.#checkTold();
    // In direct mode the app reads the volume whenever it starts: a proof may be out of reach.
    const runs = (app: App) => app.running === version || (this.isCalm && !this.config.publishes);
    const runsIt = [...this.apps.values()].every((app) => app.isUp && runs(app));
    const behind = this.#subscribers?.up.filter(({ running }) => running !== version) ?? [];
    const needsRestart = this.#subscribers?.needing(version).length
      ? { needsRestart: true as const }
      : {};
    // Without a last good version, lastgood probes an app without end.
    const isHopeless = this.isCalm && this.lastGood === null;
    const isGood = version === this.lastGood || isHopeless;
    const isSick = this.contentOf(version).app === 'sickens' && !isGood;
    const hasSubscribers = this.#subscribers?.up.length !== 0;
    if (runsIt && hasSubscribers && behind.length === 0 && !isSick && !this.#unlucky(0.05))
      return this.feed({ type: 'done', generation, findings: [] });
    const isDown = [...this.apps.values()].some((app) => !app.isUp) || !hasSubscribers;
    const isOver = maxAbsenceMs !== undefined && this.#random.chance(LOOK_MS / maxAbsenceMs);
    if (waitForFirstResponse && isDown && isOver)
      this.feed({ type: 'failed', generation, findings: [], isAbsent: true });
    else if (waitForFirstResponse && isDown) this.pending.push(effect);
    else this.feed({ type: 'failed', generation, findings: [], ...needsRestart });
  }

  /** Before a proof that compares, every target must have been notified. */
  #checkTold() {
    const { state, config } = this;
    const rollout = rolloutOf(state);
    if (rollout === null) return;
    const isTold = config.tellsAtStart || rollout.changedSinceStart;
    if (rollout.reason === 'start' && !isTold) return;
    // A rollback notifies the targets that may run on another version.
    const meant =
      rollout.failure === null
        ? deliveryOrder(config).filter((index) => needsDelivery(index, state, rollout, config))
        : state.notifiedTargets;
    if (!config.compares) return;
    for (const target of meant)
      assert.ok(
        this.#told.has(wayOf(state, target)),
        `P7: a proof compares with what was before target ${target} was notified`,
      );
  }

  #commit({ generation, version }: Work & { type: 'commit' }) {
    if (this.#unlucky(0.1)) return this.feed({ type: 'failed', generation, findings: [] });
    this.lastGood = version;
    this.#checkFirstLook(version);
    for (const { running } of this.#subscribers?.up ?? [])
      assert.equal(this.#meaningOf(running), this.#meaningOf(version), 'P5: committed for all');
    if (this.#unlucky(0.1)) return this.kill();
    this.feed({ type: 'done', generation, findings: [] });
  }

  #restartApp() {
    const subscribers = this.#subscribers;
    if (subscribers !== null && this.#random.chance(0.5)) {
      const [process] = subscribers.up;
      if (this.#random.chance(0.3)) this.#endSubscribers();
      else if (process !== undefined) subscribers.end([process], this.#random.int(0, 3));
    } else if (this.apps.size > 0) this.#end(this.#random.pick([...this.apps.keys()]));
  }

  /** Ends an app, which its container may have started again by the next event. */
  #end(index: number) {
    this.#app(index).isUp = false;
    this.#note(`app ${index} ends`);
    if (this.isCalm) this.#app(index).downFor = DOWN_STEPS;
    else if (this.#random.chance(0.6)) this.#startApp(index);
  }

  /** The startup probe lets the app start only when something is published. */
  #startApp(index: number) {
    const app = this.#app(index);
    if (app.isUp || (this.config.publishes && this.published === null)) return;
    app.downFor -= 1;
    const version = this.config.publishes ? this.published : this.volume.version;
    if (app.downFor > 0 || this.cannotStart(version)) return;
    app.isUp = true;
    this.#read(app);
    this.#note(`app ${index} starts on ${app.running}`);
  }

  /** Where nothing else will be published, the run ends with an app that starts after all. */
  cannotStart(version: Version | null): boolean {
    if (this.isCalm && (!this.#canRollBack() || this.#isFirstStart())) return false;
    if (version === null || version === this.lastGood) return false;
    return this.contentOf(version).app === 'cannot-start';
  }

  /** A slow first start is never rolled back. */
  #isFirstStart(): boolean {
    const rollout = rolloutOf(this.state);
    return rollout?.reason === 'start' && rollout.failure === null;
  }

  #canRollBack(): boolean {
    const { publishes, onFailure } = this.config;
    return publishes && onFailure === 'rollback' && this.lastGood !== null;
  }

  #read(app: App) {
    app.running = this.config.publishes ? this.published : this.volume.version;
    app.readAt = this.#changes;
  }

  /** An app that started before the sidecar saw the volume must not keep what it read then. */
  #checkFirstLook(version: Version) {
    const rollout = rolloutOf(this.state);
    if (this.config.publishes || rollout?.reason !== 'start') return;
    const capturedAt = this.#capturedAt.get(rollout.rollout) ?? 0;
    for (const { isUp, running, readAt } of this.apps.values())
      assert.ok(!isUp || running === version || readAt >= capturedAt, 'P3: older than the first');
  }

  #checkPromises() {
    const { state } = this;
    if (this.published !== null)
      assert.ok(this.contentOf(this.published).valid, 'P2: what is published passed its checks');
    if (state.next !== null)
      assert.ok(
        !['retrying', 'confirming', 'pending-restart'].includes(state.phase.name),
        'P6: a newer version never waits behind retries, a probation or a restart',
      );
    if (state.phase.name === 'pending-restart') this.#checkPending(state.phase.rollout);
    if (state.phase.name === 'steady' && state.active !== null && this.#canRollBack())
      assert.equal(this.published, state.active, 'what failed is not published until its turn');
    const delivering = this.pending.filter((effect) => effect.type === 'deliver');
    assert.ok(delivering.length <= 1, 'deliveries never overlap');
    assert.equal(
      state.lastGood ?? this.lastGood,
      this.lastGood,
      'the last good one is the kept one',
    );
  }

  /** While a version waits for a restart, no app has been notified of it, and none can read it. */
  #checkPending({ rollout, version }: Rollout) {
    const acting = this.pending.filter(({ type }) => ACTING.has(type));
    assert.deepEqual(acting, [], 'nothing happens while a restart is pending');
    if (!this.#canRollBack() || version === this.lastGood) return;
    assert.equal(this.published, this.lastGood, 'P2: the last good one is published meanwhile');
    // An app that is absent for too long cannot be notified of the last good one before.
    if (this.#turns.has(rollout)) return;
    assert.deepEqual(this.state.notifiedTargets, [], 'P5: no target was notified of anything else');
    const apps = [...this.apps.values(), ...(this.#subscribers?.up ?? [])];
    for (const { isUp, running } of apps)
      assert.ok(!isUp || running !== version, `P4: an app runs on ${version}, which waits`);
  }

  /** What must hold when the volume and the apps have come to rest. */
  checkRest() {
    for (const [index, app] of this.apps) {
      app.downFor = 0;
      this.#startApp(index);
    }
    for (let step = 0; step < DOWN_STEPS; step++) this.#subscribers?.start();
    const { state, volume } = this;
    const { version } = volume;
    const isRejected = state.rejected?.version === version;
    assert.equal(this.pending.length, 0, 'nothing is left to do');
    assert.equal(rolloutOf(state), null, 'no rollout is under way');
    assert.equal(state.desired, version, 'P3: the last content was seen');
    assert.ok(state.active === version || isRejected, 'P3: active, or rejected with a reason');
    if (!this.config.publishes || this.config.onFailure === 'hold') return;
    if (state.lastGood === null) return;
    assert.equal(state.published, state.active, 'P2: the active version is published');
    assert.equal(this.published, state.published);
    const processes = this.#subscribers?.processes ?? [];
    for (const [index, { running }] of [...this.apps.values(), ...processes].entries())
      assert.equal(
        this.#meaningOf(running),
        this.#meaningOf(state.active),
        `P5: app ${index} runs on the active version`,
      );
  }

  #meaningOf(version: Version | null): Version | null {
    return version === null ? null : this.contentOf(version).meaning;
  }

  contentOf(version: Version): Content {
    const content = this.#contents.get(version);
    assert.ok(content, `unknown version ${version}`);
    return content;
  }

  /** The last lines of what happened, for a failing seed. */
  get trace(): string {
    return this.#trace.slice(-60).join('\n');
  }

  #app(index: number): App {
    const app = this.apps.get(index);
    assert.ok(app, `no target ${index}`);
    return app;
  }

  #unlucky(probability: number): boolean {
    return !this.isCalm && this.#random.chance(probability);
  }

  #note(line: string) {
    this.#trace.push(line);
    if (this.#trace.length > 400) this.#trace.splice(0, 200);
  }
}

/** What tells a delivery's target apart from that of another rollout, or of another direction. */
function wayOf(state: State, target: number): string {
  const rollout = rolloutOf(state);
  const way = rollout?.failure == null ? 'there' : 'back';
  return `${rollout?.rollout} ${way} ${rollout?.needsRestart === undefined} ${target}`;
}

/** The name of the phase; that of a rollback has a prefix. */
function phaseName(state: State): string {
  const isBack = rolloutOf(state)?.failure != null;
  const name = state.phase.name.replace('-', '_');
  return isBack ? `back_${name}` : name;
}
