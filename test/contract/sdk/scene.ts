import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, realpath, rename, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { BundleStatus } from '../../../sidecar/src/observability/status.ts';
import { DEADLINE_MS, PROOF_WITHIN } from '../../deadline.ts';
import { AtomicWriter } from '../../kubelet/atomic-writer.ts';
import { Pod } from '../../pipeline/pod.ts';
import type { AppOptions, Command, Seen, Value } from './protocol.ts';

/** Who speaks for the app: a program that takes {@link AppOptions}. */
export interface Client {
  readonly name: string;
  readonly command: readonly string[];
  /** Its versions come from a sidecar; otherwise it reads the volume. */
  readonly hasSidecar: boolean;
  /** In place of its source: a program with its first arguments. */
  readonly sidecar?: readonly string[];
}

interface SceneOptions {
  /** With a secret volume at `db`. */
  readonly keys?: boolean | undefined;
  /** The app's health decides. */
  readonly confirm?: boolean | undefined;
  /** More settings of the `subscribers` target. */
  readonly target?: Readonly<Record<string, unknown>> | undefined;
}

/** Both files name their generation, so that a mix of two versions is seen. `more` goes into `config.json`. */
export function generation(number: number, more: Record<string, unknown> = {}) {
  return {
    'config.json': JSON.stringify({ generation: number, ...more }),
    'features.json': JSON.stringify({ generation: number }),
  };
}

/** A volume, the sidecar if the client needs one, and apps. */
export class Scene {
  readonly pod: Pod;
  readonly apps: App[] = [];
  readonly #client: Client;
  readonly #context: TestContext;
  readonly #kubelet: AtomicWriter;
  #files: Record<string, string> = {};
  #keys: Record<string, string> = {};

  private constructor(pod: Pod, client: Client, context: TestContext) {
    this.pod = pod;
    this.#client = client;
    this.#context = context;
    this.#kubelet = new AtomicWriter(pod.source);
  }

  /** With the first generation in the volume, and the sidecar started. */
  static async create(
    context: TestContext,
    client: Client,
    { keys, confirm, target }: SceneOptions = {},
  ) {
    const pod = await Pod.create(context, { confirm: false, direct: true });
    const { bundle } = pod;
    bundle.targets = [{ subscribers: { secrets: true, ...target } }];
    bundle.validate = [{ files: '*.json' }];
    if (keys)
      bundle.volumes = [{ path: pod.source }, { path: `${pod.dir}/db`, at: 'db', secret: true }];
    if (confirm)
      bundle.confirm = {
        within: PROOF_WITHIN,
        hold: '0ms',
        http: { url: `${pod.app.url}/health` },
      };
    await pod.configured({ runDir: join(pod.dir, 'run') });
    const scene = new Scene(pod, client, context);
    await scene.write(generation(1));
    if (keys) await scene.writeKeys('hunter2');
    scene.startSidecar();
    return scene;
  }

  /** One swap of the volume. */
  async write(files: Record<string, string>): Promise<void> {
    this.#files = { ...files, ...this.#keys };
    const payload = Object.entries(this.#files).map(([path, bytes]) => [path, { bytes }] as const);
    await this.#kubelet.write(Object.fromEntries(payload));
  }

  /** A file for each key, in a second volume, which is secret; the SDK on a directory has one volume for all. */
  async writeKeys(password: string): Promise<void> {
    const files = { username: { bytes: 'svc' }, password: { bytes: password } };
    if (this.#client.hasSidecar) {
      await new AtomicWriter(join(this.pod.dir, 'db')).write(files);
      return;
    }
    this.#keys = { 'db/username': 'svc', 'db/password': password };
    await this.write(this.#files);
  }

  /** Another swap with the same content, as the kubelet makes one if only the mode of a file changes. */
  async swapAgain(): Promise<void> {
    const data = join(this.pod.source, '..data');
    const again = `..again_${Date.now()}`;
    await cp(await realpath(data), join(this.pod.source, again), { recursive: true });
    await symlink(again, `${data}_tmp`);
    await rename(`${data}_tmp`, data);
  }

  startSidecar(): void {
    const { hasSidecar, sidecar: program } = this.#client;
    if (hasSidecar) this.pod.start(program && { program });
  }

  /** Starts an app, and waits until it is connected or has failed. */
  async app(options: Partial<AppOptions> = {}): Promise<App> {
    const { dir, source } = this.pod;
    const { command, hasSidecar } = this.#client;
    const place = hasSidecar
      ? { socket: join(dir, 'run/sdk.sock') }
      : { directory: source, secret: options.hasKeys ? ['db'] : [] };
    const app = new App(command, { name: 'app', bundle: 'model', ...place, ...options });
    this.#context.after(() => app.kill());
    this.apps.push(app);
    await app.until(({ isConnected, failure }) => isConnected || failure !== '', 'connection');
    return app;
  }

  /** Waits until `/status` is so, where there is a sidecar. */
  async hasStatus(isSo: (status: BundleStatus) => boolean): Promise<void> {
    if (!this.#client.hasSidecar) return;
    const deadline = AbortSignal.timeout(DEADLINE_MS);
    for (;;) {
      // A sidecar that has just started does not listen yet.
      const status = await this.pod.status().catch(() => undefined);
      if (status !== undefined && isSo(status)) return;
      if (deadline.aborted)
        throw new Error(`${JSON.stringify(status, null, 2)}\n${this.pod.stderr}`);
      await sleep(20);
    }
  }
}

/** An app as a separate process. */
export class App {
  readonly seen: Seen[] = [];
  readonly name: string;
  readonly #child: ChildProcess;
  /** Not its exit, which may come before the last of its output. */
  readonly #closed: Promise<unknown>;
  readonly #waiting = new Set<() => void>();
  stderr = '';

  constructor([file = '', ...args]: readonly string[], options: AppOptions) {
    this.name = options.name;
    const argv = [...args, JSON.stringify(options)];
    this.#child = spawn(file, argv, { stdio: ['pipe', 'pipe', 'pipe'] });
    this.#child.stderr?.on('data', (chunk) => {
      this.stderr += chunk;
    });
    // It may be killed while a command is on its way.
    this.#child.stdin?.on('error', () => {});
    assert.ok(this.#child.stdout);
    createInterface({ input: this.#child.stdout }).on('line', (line) => {
      this.seen.push(JSON.parse(line));
      this.#wake();
    });
    this.#closed = once(this.#child, 'close');
    this.#child.once('close', () => this.#wake());
  }

  get values(): readonly Extract<Seen, { value: Value }>[] {
    return this.seen.filter((seen) => 'value' in seen);
  }

  get state(): Extract<Seen, { seen: 'state' }> | undefined {
    return this.seen.findLast((seen) => seen.seen === 'state');
  }

  get version(): string | undefined {
    return this.values.at(-1)?.version;
  }

  /** All that it ran on, in order. */
  get generations(): readonly number[] {
    return this.values.map(({ value }) => value.config.generation);
  }

  get failure(): string {
    const failed = this.seen.find((seen) => seen.seen === 'failed');
    return failed?.message ?? '';
  }

  get isConnected(): boolean {
    return this.values.length > 0;
  }

  get isClosed(): boolean {
    return this.seen.some(({ seen }) => seen === 'closed');
  }

  /** What happened, in order. */
  kinds(
    of: readonly Seen['seen'][] = ['connected', 'prepare', 'change', 'abort'],
  ): readonly string[] {
    return this.seen.map(({ seen }) => seen).filter((seen) => of.includes(seen));
  }

  get isAlive(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  async send(command: Command): Promise<void> {
    const since = this.seen.length;
    this.tell(command);
    const isDone = (seen: Seen) => seen.seen === 'done' && seen.do === command.do;
    await this.until(({ seen }) => seen.slice(since).some(isDone), `answer to ${command.do}`);
  }

  tell(command: Command): void {
    this.#child.stdin?.write(`${JSON.stringify(command)}\n`);
  }

  /** Until the app runs on this generation. */
  async runsOn(number: number): Promise<void> {
    await this.until(({ generations }) => generations.at(-1) === number, `generation ${number}`);
  }

  async prepares(number: number, since = 0): Promise<void> {
    const wanted: Seen = { seen: 'prepare', generation: number };
    await this.until(
      ({ seen }) => seen.slice(since).some((one) => isDeepStrictEqual(one, wanted)),
      `prepare of ${number}`,
    );
  }

  /** Until the app has this state; `reason` is part of why. */
  async hasState(status: string, reason = /^/): Promise<void> {
    const matches = ({ state }: App) => state?.status === status && reason.test(state.reason ?? '');
    await this.until(matches, `state ${status} ${reason}`);
  }

  async until(isSo: (app: App) => boolean, what: string): Promise<void> {
    const deadline = AbortSignal.timeout(DEADLINE_MS);
    while (!isSo(this)) {
      if (deadline.aborted || !this.isAlive) throw new Error(this.#story(what));
      await new Promise<void>((resolve) => {
        this.#waiting.add(resolve);
        deadline.addEventListener('abort', () => resolve(), { once: true });
      });
    }
  }

  async ended(): Promise<void> {
    await this.#closed;
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.ended();
  }

  /** P1, and nothing has gone wrong unseen. */
  check(): void {
    for (const { value } of this.values)
      assert.equal(value.config.generation, value.features.generation, 'P1: files of two versions');
    const unhandled = this.seen.filter(({ seen }) => seen === 'unhandled');
    assert.deepEqual([unhandled, this.stderr], [[], '']);
  }

  #wake(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const wake of waiting) wake();
  }

  #story(what: string): string {
    const last = this.seen.slice(-15).map((seen) => JSON.stringify(seen));
    const end = this.isAlive ? '' : ', it has ended';
    return `${this.name}: no ${what}${end}\n${last.join('\n')}\n${this.stderr}`;
  }
}
