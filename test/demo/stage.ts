import { mkdtempSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Phase } from '../../sidecar/src/rollout/state.ts';
import { DEADLINE_MS } from '../deadline.ts';
import { freePort } from '../free-port.ts';
import { App } from './app.ts';
import type { Child } from './child.ts';
import { DemoFailure } from './failure.ts';
import { createPod, type Pod } from './pod.ts';
import { Sidecar } from './sidecar.ts';
import { Traffic } from './traffic.ts';

/** A log line is cut there when it is shown after a failure. */
const MAX_LINE_LENGTH = 300;

/** The published directory, as the app reads it. */
export interface Published {
  readonly text: string;
  /** The 12 digits in the name that `..data` leads to. */
  readonly version: string;
}

/** A pod in a temporary directory: the kubelet's stand-in and two real processes. */
export class Stage {
  readonly dir: string;
  readonly pod: Pod;
  readonly #appPort: number;
  readonly #children: Child[] = [];
  #phase: 'open' | 'closed' = 'open';
  #sidecar: Sidecar | undefined;
  #app: App | undefined;
  #traffic: Traffic | undefined;

  static async open(): Promise<Stage> {
    return new Stage(await freePort());
  }

  private constructor(appPort: number) {
    this.dir = mkdtempSync(join(tmpdir(), 'lastgood-demo-'));
    this.#appPort = appPort;
    this.pod = createPod(join(this.dir, 'pod'), appPort);
    // The last resort, should the demo itself have a defect: nothing may be left behind.
    process.on('exit', () => this.#sweep());
  }

  get sidecar(): Sidecar {
    return present(this.#sidecar, 'the sidecar');
  }

  get app(): App {
    return present(this.#app, 'the app');
  }

  get traffic(): Traffic {
    return present(this.#traffic, 'the traffic');
  }

  /** Starts lastgood, again after a crash, and resolves once it is ready. */
  async startSidecar(): Promise<Sidecar> {
    const child = this.#own(Sidecar.spawn(join(this.pod.volumes.settings, 'lastgood.yaml')));
    this.#sidecar = await Sidecar.start(child);
    await this.#sidecar.ready();
    return this.#sidecar;
  }

  /** Starts the app, and the client that asks it from now on. */
  async startApp(): Promise<App> {
    const child = this.#own(App.spawn(this.pod.volumes.live, this.#appPort));
    this.#app = await App.start(child, this.#appPort);
    this.#traffic = new Traffic(this.#app);
    return this.#app;
  }

  published(): Published {
    const { live } = this.pod.volumes;
    const name = readlinkSync(join(live, '..data'));
    return {
      text: readFileSync(join(live, name, 'config.yaml'), 'utf8'),
      version: /\.([0-9a-f]{12})(?:\.\d+)?$/.exec(name)?.[1] ?? name,
    };
  }

  /** Resolves when lastgood has written to its journal that it is in this phase. */
  async journaled(phase: Phase['name']): Promise<void> {
    const journal = join(this.pod.volumes.state, 'model', 'journal.json');
    const deadlineMs = performance.now() + DEADLINE_MS;
    while (JSON.parse(readFileSync(journal, 'utf8')).state.phase.name !== phase) {
      if (performance.now() > deadlineMs) throw new DemoFailure(`the journal never says ${phase}`);
      await sleep(1);
    }
  }

  /** What the processes wrote last. */
  get tails(): readonly string[] {
    return this.#children.flatMap(({ name, tail }) => [
      `the last lines of ${name}:`,
      ...tail.map((line) => `  ${line.slice(0, MAX_LINE_LENGTH)}`),
    ]);
  }

  /** Ends the client, then the processes, and removes the directory. */
  async close(): Promise<void> {
    this.#phase = 'closed';
    await this.#traffic?.stop();
    await Promise.all(this.#children.map((child) => child.stop()));
    this.#sweep();
  }

  #own(child: Child): Child {
    this.#children.push(child);
    if (this.#phase === 'closed') child.killNow();
    return child;
  }

  #sweep(): void {
    for (const child of this.#children) child.killNow();
    rmSync(this.dir, { recursive: true, force: true });
  }
}

function present<T>(value: T | undefined, name: string): T {
  if (value === undefined) throw new DemoFailure(`${name} has not been started`);
  return value;
}
