import type { Clock } from '@lastgood/core/model/clock.ts';
import { findingOf } from '@lastgood/core/model/error.ts';
import type { Finding } from '@lastgood/core/model/finding.ts';
import type { Ack, ProtocolEvent } from '@lastgood/core/model/sdk-protocol.ts';
import type { Snapshot, Version } from '@lastgood/core/model/snapshot.ts';
import type { Finish } from '../rollout/events.ts';
import type { RolloutConfig, State } from '../rollout/state.ts';
import { BundleRunner } from '../runner/bundle-runner.ts';
import type { Ports } from '../runner/ports.ts';
import { bundleStateOf } from './bundle-state.ts';
import { Hub, type HubOptions } from './hub.ts';
import type { Session } from './subscription.ts';

/** Time that a test moves. */
class FakeClock implements Clock {
  #nowMs = 0;
  #sleepers: { readonly atMs: number; readonly wake: () => void }[] = [];

  nowMs(): number {
    return this.#nowMs;
  }

  wallMs(): number {
    return 1_700_000_000_000 + this.#nowMs;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const sleeper = { atMs: this.#nowMs + ms, wake: resolve };
      this.#sleepers.push(sleeper);
      signal?.addEventListener('abort', () => {
        this.#sleepers = this.#sleepers.filter((each) => each !== sleeper);
        reject(signal.reason);
      });
    });
  }

  /** Lets so much time pass; whatever becomes due is done at its time. */
  async pass(ms: number): Promise<void> {
    const untilMs = this.#nowMs + ms;
    for (;;) {
      await settle();
      const [next] = this.#sleepers.toSorted((a, b) => a.atMs - b.atMs);
      if (next === undefined || next.atMs > untilMs) break;
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      this.#sleepers = this.#sleepers.filter((each) => each !== next);
      next.wake();
    }
    this.#nowMs = untilMs;
    await settle();
  }

  get sleeping(): number {
    return this.#sleepers.length;
  }
}

/** Lets all promises that can settle do so. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 12; turn++) await new Promise((resolve) => setImmediate(resolve));
}

function versionOf(name: string): Version {
  return `sha256:${name}`;
}

function snapshotOf(name: string): Snapshot {
  const bytes = Buffer.from(name);
  const file = { path: 'config.yaml', mode: 0o644, bytes, sha256: name, secret: false };
  return { version: versionOf(name), files: [file], sizeBytes: bytes.length, writtenAtMs: 0 };
}

export interface WorldOptions extends Partial<HubOptions> {
  readonly confirm?: Ports['confirm'];
  readonly config?: Partial<RolloutConfig>;
  readonly validate?: Ports['validate'];
}

/** A bundle with the real machine, runner and hub; its volume, disk, clock and apps are in memory. */
export class World {
  readonly clock = new FakeClock();
  /** Everything that any app was sent, in order: `a prepare v2`. */
  readonly trace: string[] = [];
  readonly ends: string[] = [];
  readonly findings: Finding[] = [];
  readonly published: string[] = [];
  hub!: Hub;
  runner!: BundleRunner;
  /** What a restart target does. */
  restart: () => Promise<void> = async () => {};
  /** Called for each event that a connection gets. */
  onSend: (app: App, event: ProtocolEvent) => void = () => {};
  /** Called before each answer. */
  onAnswer: (app: App, ack: Ack) => void = () => {};
  readonly #options: WorldOptions;
  #volume = snapshotOf('v1');
  #disk: { published: Snapshot | null; lastGood: Snapshot | null; journal: State | null } = {
    published: null,
    lastGood: null,
    journal: null,
  };
  #ids = 0;

  constructor(options: WorldOptions = {}) {
    this.#options = options;
  }

  get state(): State {
    return this.runner.state;
  }

  /** Starts the sidecar, again if it runs: what it has not written is lost. */
  async start(): Promise<void> {
    this.runner?.abandon();
    // What the killed one still does reaches no disk.
    this.#disk = { ...this.#disk };
    const { config: more, confirm, validate, ...hubOptions } = this.#options;
    const hub = new Hub({
      ...{ name: 'model', clock: this.clock, newId: () => this.#newId(), min: 1, sealed: false },
      ...{ prepareTimeoutMs: 300_000, drainTimeoutMs: 30_000, unanswered: 'fault' },
      ...hubOptions,
    });
    const retries = { attempts: 5, backoffMs: 1_000, maxMs: 30_000 };
    const hasRestart = more?.conditionalTargets !== undefined;
    const config: RolloutConfig = {
      publishes: true,
      targets: hasRestart ? [retries, retries] : [retries],
      confirms: confirm !== undefined,
      onFailure: 'rollback',
      ...more,
    };
    this.hub = hub;
    this.runner = new BundleRunner(
      { name: 'model', mountedAt: '/config' },
      config,
      this.#ports(hub, config),
    );
    const { runner } = this;
    hub.connect({
      find: (version) => runner.find(version),
      describe: (state) => bundleStateOf(state, config),
    });
    hub.opened();
    await this.runner.start();
    await settle();
  }

  /** Changes the volume. */
  async write(name: string): Promise<void> {
    this.#volume = snapshotOf(name);
    await this.runner.reconcile();
    await settle();
  }

  async end(): Promise<void> {
    this.runner.abandon();
  }

  #newId(): string {
    this.#ids += 1;
    return `id${String(this.#ids).padStart(4, '0')}`;
  }

  #ports(hub: Hub, config: RolloutConfig): Ports {
    const disk = this.#disk;
    const accepted = async () => ({ accepted: true, findings: [] }) as const;
    const subscribers = {
      kind: 'subscribers',
      name: 'subscribers',
      deliver: (...args: Parameters<Hub['deliver']>) => hub.deliver(...args),
    } as const;
    const restart = {
      kind: 'restart',
      name: 'restart',
      deliver: async () => {
        await this.restart();
        return { answer: 'accepted', findings: [] } as const;
      },
    } as const;
    return {
      capture: async () => ({ ok: true, snapshot: this.#volume }),
      changedSinceStart: async () => false,
      validate:
        this.#options.validate ??
        (async () => ({ ...(await accepted()), isEquivalent: false, mayPass: false })),
      prepare: async ({ event }, signal) => hub.prepare(event, signal),
      awaitRestart: (request, signal) => hub.awaitRestart(request, signal),
      publish: async (snapshot) => {
        this.published.push(snapshot.version.slice(7));
        disk.published = snapshot;
      },
      targets: config.targets.length === 2 ? [restart, subscribers] : [subscribers],
      confirm: this.#options.confirm ?? accepted,
      keep: async (snapshot) => {
        disk.lastGood = snapshot;
      },
      readPublished: async () => disk.published,
      readLastGood: async () => disk.lastGood,
      readJournal: async () => disk.journal,
      writeJournal: async (state) => {
        disk.journal = JSON.parse(
          JSON.stringify({ ...state, desired: null, checking: null, next: null, rejected: null }),
        );
      },
      retriesJournal: true,
      onState: (state) => hub.onState(state),
      observer: {
        step: ({ findings }) => this.findings.push(...findings),
        waiting: () => {},
        finished: ({ version, outcome }: Finish) =>
          this.ends.push(`${version?.slice(7)} ${outcome}`),
        changed: () => {},
        blocked: () => {},
        problem: (finding) => this.findings.push(finding),
      },
      clock: this.clock,
      random: () => 0.5,
      newId: () => this.#newId(),
    };
  }
}

/** What an app says to a version: in `prepare`, `start` and `rollback` alike. */
export type Says = (
  version: string,
  event: Ack['event'],
) => 'accept' | 'reject' | 'restart' | 'nothing';

/** A process with a client of the protocol. */
export class App {
  readonly name: string;
  readonly #world: World;
  says: Says;
  session: Session | undefined;
  /** Each event with its version: `prepare v2`. */
  heard: string[] = [];
  events: ProtocolEvent[] = [];
  runs: string | undefined;
  prepared: string | undefined;
  /** Keeps each event until `answerHeld`. */
  isSlow = false;
  #held: ProtocolEvent[] = [];
  #connection: { send(event: ProtocolEvent): void; close(): void } | undefined;

  constructor(world: World, name: string, says: Says = () => 'accept') {
    this.#world = world;
    this.name = name;
    this.says = says;
  }

  async connect({ resumes = false } = {}): Promise<this> {
    this.#connectNow(resumes);
    await settle();
    return this;
  }

  #connectNow(resumes = false): void {
    if (this.#connection !== undefined) this.session?.disconnected(this.#connection);
    let isOpen = false;
    const early: ProtocolEvent[] = [];
    const connection = {
      send: (event: ProtocolEvent) => {
        if (connection !== this.#connection) return;
        this.events.push(event);
        const { data } = event;
        const name = 'version' in data ? ` ${data.version.slice(7)}` : '';
        this.heard.push(`${event.event}${name}`);
        this.#world.trace.push(`${this.name} ${event.event}${name}`);
        // Until `subscribe` returns, the session is the one before.
        if (isOpen) this.#world.onSend(this, event);
        else early.push(event);
        queueMicrotask(() => this.#handle(event));
      },
      close: () => {},
    };
    this.#connection = connection;
    const resume = resumes ? this.session?.id : undefined;
    const session = this.#world.hub.subscribe(
      {
        name: this.name,
        ...(resume === undefined ? {} : { resume }),
        ...(this.runs === undefined ? {} : { version: versionOf(this.runs) }),
      },
      connection,
    );
    // For another subscriber, what was prepared is over.
    if (session?.id !== this.session?.id) this.prepared = undefined;
    this.session = session ?? undefined;
    isOpen = true;
    for (const event of early) this.#world.onSend(this, event);
  }

  /** The connection breaks, or the process ends. */
  async disconnect(): Promise<void> {
    this.#disconnectNow();
    await settle();
  }

  #disconnectNow(): void {
    const connection = this.#connection;
    this.#connection = undefined;
    if (connection !== undefined) this.session?.disconnected(connection);
  }

  /** The process ends, and its container starts a new one. */
  async restart(): Promise<void> {
    this.restartNow();
    await settle();
  }

  restartNow(): void {
    this.#disconnectNow();
    this.#held = [];
    this.runs = undefined;
    this.prepared = undefined;
    this.#connectNow();
  }

  get isConnected(): boolean {
    return this.#connection !== undefined;
  }

  /** The sidecar was killed. */
  cut(): void {
    this.#connection = undefined;
  }

  /** Answers an event that it has kept, if there is one. Returns it and whether the answer counted. */
  answerHeld(
    index: number,
  ): { readonly event: ProtocolEvent; readonly counted: boolean } | undefined {
    const [event] = this.#held.splice(index, 1);
    return event && { event, counted: this.#answer(event) };
  }

  ack(ack: Omit<Ack, 'version'> & { readonly version: string }): boolean | undefined {
    return this.session?.ack({ ...ack, version: versionOf(ack.version) });
  }

  /** Of the first such event. */
  rolloutOf(name: 'prepare' | 'commit'): string {
    for (const { event, data } of this.events)
      if (event === name && 'rollout' in data) return data.rollout;
    throw new Error(`${this.name} has not heard ${name}`);
  }

  /** The reasons of what was aborted. */
  get aborts(): string[] {
    return this.events.flatMap((each) => (each.event === 'abort' ? [each.data.reason] : []));
  }

  get states(): string[] {
    return this.events.flatMap((each) =>
      each.event === 'state' ? [`${each.data.status}: ${each.data.reason ?? ''}`] : [],
    );
  }

  #handle(event: ProtocolEvent): void {
    if (event.event === 'abort' && this.prepared === event.data.version.slice(7))
      this.prepared = undefined;
    if (this.isSlow) this.#held.push(event);
    else this.#answer(event);
  }

  /** Whether the answer counted. */
  #answer(event: ProtocolEvent): boolean {
    if (event.event === 'hello' || event.event === 'state' || event.event === 'abort') return false;
    const { version } = event.data;
    const name = version.slice(7);
    const verdict = this.says(name, event.event);
    if (verdict === 'nothing' || this.session === undefined) return false;
    const rollout = 'rollout' in event.data ? { rollout: event.data.rollout } : {};
    const reasons = verdict === 'accept' ? {} : { reasons: [`no ${name} here`] };
    const ack: Ack = { event: event.event, version, verdict, ...rollout, ...reasons };
    // What it leads to may follow before `ack` returns.
    this.#world.onAnswer(this, ack);
    const counted = this.session.ack(ack);
    if (!counted || verdict !== 'accept') return counted;
    if (event.event === 'prepare') this.prepared = name;
    else {
      this.runs = name;
      if (event.event === 'commit') this.prepared = undefined;
    }
    return counted;
  }
}

/** A confirmation that rejects these versions. */
export function confirmExcept(...bad: string[]): Ports['confirm'] {
  return async ({ version }) =>
    bad.includes(version.slice(7))
      ? { accepted: false, findings: [findingOf('LG_CONFIRM_FAILED', ['', 'it is bad'])] }
      : { accepted: true, findings: [] };
}
