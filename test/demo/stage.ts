import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../free-port.ts';
import { App } from './app.ts';
import type { Child } from './child.ts';
import { DemoFailure } from './failure.ts';
import { createPod, HOLD_MS, type Pod } from './pod.ts';
import { Sidecar } from './sidecar.ts';
import { Traffic } from './traffic.ts';
import { type Published, readPublished, type Volumes } from './volumes.ts';

/** A log line is cut there when it is shown after a failure. */
const MAX_LINE_LENGTH = 300;

/** What the story needs of a pod, on this machine or in a cluster. */
export interface StoryStage {
  readonly sidecar: Sidecar;
  readonly app: App;
  readonly traffic: Traffic;
  /** How long the probation lasts. */
  readonly holdMs: number;
  /** How the ConfigMap changes. */
  readonly editing: string;
  /**
   * Sets `config.yaml` of the ConfigMap, and resolves when the kubelet has brought it to the volume: with
   * the moment of the swap, or undefined when the content is the same.
   */
  configure(text: string): Promise<number | undefined>;
  /** Starts lastgood, or waits until it is started again after a crash, and resolves once it is ready. */
  startSidecar(): Promise<Sidecar>;
  /** Ends lastgood at once. */
  killSidecar(): Promise<void>;
  /** Starts the app, and the client that asks it from now on. */
  startApp(): Promise<App>;
  published(): Published;
  readonly volumes: Volumes;
}

/** A pod in a temporary directory: the kubelet's stand-in and two real processes. */
export class Stage implements StoryStage {
  readonly holdMs = HOLD_MS;
  readonly editing = 'config.yaml, compared with the active version';
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

  async startSidecar(): Promise<Sidecar> {
    const child = this.#own(Sidecar.spawn(join(this.pod.volumes.settings, 'lastgood.yaml')));
    this.#sidecar = await Sidecar.start(child);
    await this.#sidecar.ready();
    return this.#sidecar;
  }

  async startApp(): Promise<App> {
    const child = this.#own(App.spawn(this.pod.volumes.live, this.#appPort));
    this.#app = await App.start(child, this.#appPort);
    this.#traffic = new Traffic(this.#app);
    return this.#app;
  }

  configure(text: string): Promise<number | undefined> {
    return this.pod.configure({ 'config.yaml': text });
  }

  killSidecar(): Promise<void> {
    return this.sidecar.child.kill();
  }

  published(): Published {
    return readPublished(this.pod.volumes);
  }

  get volumes(): Volumes {
    return this.pod.volumes;
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
