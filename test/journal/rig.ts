import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, realpathSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { ReloadEvent } from '../../sdk/src/index.ts';
import { FakeApp, type Reply } from '../pipeline/app.ts';
import { Pod } from '../pipeline/pod.ts';
import { type Says, Subscriber } from '../pipeline/subscriber.ts';
import { type Fixture, fillIn, restoreTrees, type Values } from './fixture.ts';

/** One reload request, with the generation that the app found where it reads. */
export interface Notification {
  readonly app: 'first' | 'second';
  readonly reason: ReloadEvent['reason'];
  readonly generation: number;
  readonly attempt: number;
}

/** Prints a line when it is up, and runs until a signal ends it. */
const PROGRAM = `
process.on('SIGTERM', () => process.exit(0));
setInterval(() => {}, 1e6);
process.stdout.write('up\\n');
`;

/** A pod with everything that a fixture's settings may name: two apps, a metric and a program. */
export class Rig {
  readonly pod: Pod;
  /** Every reload request, in order. */
  readonly notifications: Notification[] = [];
  /** How the apps answer a reload. */
  answer: (notification: Notification) => Reply | Promise<Reply> = () => ({ status: 200 });
  /** What the metric says. */
  reloads = 3;
  readonly second = new FakeApp();
  readonly #metrics: http.Server;
  /** Each run of the program. */
  readonly programs: ChildProcess[] = [];
  readonly #subscribers: Subscriber[] = [];

  private constructor(pod: Pod) {
    this.pod = pod;
    this.#metrics = http.createServer((_request, response) => {
      response.end(`app_reloads_total ${this.reloads}\n`);
    });
    pod.app.onReload = (event) => this.#reload('first', event);
    this.second.onReload = (event) => this.#reload('second', event);
  }

  static async create(context: TestContext): Promise<Rig> {
    const rig = new Rig(await Pod.create(context));
    context.after(() => rig.#end());
    await rig.second.start();
    await once(rig.#metrics.listen(0, '127.0.0.1'), 'listening');
    await writeFile(join(rig.pod.dir, rig.program), PROGRAM);
    return rig;
  }

  get metricsUrl(): string {
    return `http://127.0.0.1:${(this.#metrics.address() as AddressInfo).port}/metrics`;
  }

  /** The name of the program, which no other process of the machine has. */
  get program(): string {
    return `a-program-of-${this.pod.dir.slice(-6)}`;
  }

  /** What a fixture has placeholders for. The program's name comes before the directory's. */
  get values(): Values {
    return {
      '{{program}}': this.program,
      '{{dir}}': this.pod.dir,
      '{{first}}': new URL(this.pod.app.url).host,
      '{{second}}': new URL(this.second.url).host,
      '{{metrics}}': new URL(this.metricsUrl).host,
    };
  }

  /** Starts the program and waits until it is up. */
  async startProgram(): Promise<ChildProcess> {
    const path = join(this.pod.dir, this.program);
    const child = spawn(process.execPath, [path], { stdio: ['ignore', 'pipe', 'ignore'] });
    this.programs.push(child);
    await once(child.stdout, 'data');
    return child;
  }

  /** Starts an app that subscribes, as soon as there is a socket. */
  subscribe(says: Says = () => 'accept'): Subscriber {
    const subscriber = new Subscriber(join(this.#runDir, 'sdk.sock'));
    subscriber.says = says;
    this.#subscribers.push(subscriber);
    return subscriber.connect();
  }

  /** Waits until the program that was started last has ended. */
  async programEnds(): Promise<void> {
    const program = this.programs.at(-1);
    if (program?.exitCode === null && program.signalCode === null) await once(program, 'exit');
  }

  /** The generation that an app finds where it reads: in direct mode, in the volume. */
  get generation(): number {
    const dir = this.pod.bundle.publish === undefined ? this.pod.source : this.pod.live;
    const path = join(realpathSync(join(dir, '..data')), 'features.json');
    return JSON.parse(readFileSync(path, 'utf8')).generation;
  }

  /** Rewrites the settings; it leaves out a key that is undefined. */
  async configure(bundle: Readonly<Record<string, unknown>>): Promise<void> {
    Object.assign(this.pod.bundle, bundle);
    await this.pod.configured({ runDir: this.#runDir });
  }

  /** Puts back what a fixture holds: its settings and its files. */
  async restore(fixture: Fixture): Promise<void> {
    const filled = fillIn(fixture, this.values);
    for (const key of Object.keys(this.pod.bundle)) delete this.pod.bundle[key];
    await this.configure(filled.bundle);
    await restoreTrees(this.pod.dir, filled);
  }

  get #runDir(): string {
    return join(this.pod.dir, 'run');
  }

  #reload(app: Notification['app'], { reason, attempt }: ReloadEvent): Reply | Promise<Reply> {
    const notification = { app, reason, attempt, generation: this.generation };
    this.notifications.push(notification);
    return this.answer(notification);
  }

  async #end(): Promise<void> {
    for (const program of this.programs) program.kill('SIGKILL');
    for (const subscriber of this.#subscribers) subscriber.die();
    this.#metrics.close().closeAllConnections();
    await this.second.stop();
  }
}
