import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import {
  chmod,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  realpath,
  rm,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BundleStatus } from '../../sidecar/src/observability/status.ts';
import { atEnd } from '../at-end.ts';
import { DEADLINE_MS } from '../deadline.ts';
import { AtomicWriter } from '../kubelet/atomic-writer.ts';
import { FakeApp } from './app.ts';

const ROOT = new URL('../..', import.meta.url).pathname;
const MAIN = join(ROOT, 'sidecar/src/main.ts');
const HELD = join(import.meta.dirname, 'held-sidecar.ts');

/** In direct mode, a volume that is younger than the sidecar may have changed since the app read it. */
const VOLUME_AGE_MS = 100;

/** One line of the sidecar's log. */
export type Line = Record<string, unknown>;

export interface PodOptions {
  /** Added to the bundle in `lastgood.yaml`. */
  readonly bundle?: Record<string, unknown>;
  readonly volume?: Record<string, unknown>;
  readonly direct?: boolean;
  readonly confirm?: boolean;
}

export interface StartOptions {
  /** The boundary of the pipeline at which it is held for good, and which time it comes by there. */
  readonly heldAt?: string;
  readonly nth?: number;
  readonly args?: readonly string[];
  /** What to run in place of `main.ts`: a program with its first arguments. */
  readonly program?: readonly string[];
  /** The user it runs as, where the test is root. */
  readonly uid?: number;
  readonly gid?: number;
  /** In place of the environment of the test. */
  readonly env?: NodeJS.ProcessEnv;
}

/** A volume that the kubelet's stand-in writes, a fake app, and the sidecar as a real process. */
export class Pod {
  readonly dir: string;
  readonly app = new FakeApp();
  readonly lines: Line[] = [];
  readonly #kubelet: AtomicWriter;
  /** The bundle in `lastgood.yaml`; `configured` writes it. */
  readonly bundle: Record<string, unknown> = {};
  #sidecar: ChildProcess | undefined;
  /** Not its exit, which may come before the last of its output. */
  #closed: Promise<unknown> = Promise.resolve();
  #waiting = new Set<() => void>();
  #address = '';
  stderr = '';

  private constructor(dir: string) {
    this.dir = dir;
    this.#kubelet = new AtomicWriter(this.source);
  }

  static async create(context: TestContext, options: PodOptions = {}): Promise<Pod> {
    const base = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
    const pod = new Pod(await mkdtemp(join(base, 'lastgood-pod-')));
    atEnd(context, () => pod.end());
    await pod.app.start();
    Object.assign(pod.bundle, bundleOf(pod, options), options.bundle);
    await pod.configured();
    return pod;
  }

  get source(): string {
    return join(this.dir, 'source');
  }

  get live(): string {
    return join(this.dir, 'live');
  }

  get settings(): string {
    return join(this.dir, 'lastgood.yaml');
  }

  /** One update of the volume by the kubelet. */
  async write(
    files: Record<string, string | Buffer>,
    modes: Record<string, number> = {},
  ): Promise<void> {
    const payload = Object.entries(files).map(
      ([path, bytes]) => [path, { bytes, mode: modes[path] ?? 0o644 }] as const,
    );
    await this.#kubelet.write(Object.fromEntries(payload));
    if (this.#sidecar === undefined) await sleep(VOLUME_AGE_MS);
  }

  /** Lets a sidecar that does not run as root at its directories. */
  async openToNobody(): Promise<void> {
    const state = join(this.dir, 'state');
    await mkdir(state, { recursive: true });
    await chmod(this.dir, 0o755);
    for (const dir of [state, this.live]) await chmod(dir, 0o777);
  }

  /** Starts the sidecar and does not wait for it. */
  start({
    heldAt,
    nth = 1,
    args = [],
    program = [process.execPath, MAIN],
    ...user
  }: StartOptions = {}): void {
    const command =
      heldAt === undefined
        ? [...program, '--config', this.settings, ...args]
        : [process.execPath, HELD, this.settings, heldAt, String(nth)];
    const stdio = ['ignore', 'pipe', 'pipe'] as const;
    const [file = '', ...argv] = command;
    const child = spawn(file, argv, { stdio: [...stdio], ...user });
    this.#sidecar = child;
    child.stderr?.on('data', (chunk) => {
      this.stderr += chunk;
    });
    createInterface({ input: child.stdout }).on('line', (text) => this.#heard(text));
    this.#closed = once(child, 'close');
    child.once('exit', () => this.#wake());
  }

  /** Waits for a line of the log from here on; `since` is an index into `lines`. */
  async line(matches: (line: Line) => boolean, what: string, since = 0): Promise<Line> {
    return this.until(() => this.lines.slice(since).find(matches), what);
  }

  /** Starts the sidecar on a volume with these files, and waits until they are committed. */
  async startOn(files: Record<string, string | Buffer>): Promise<Line> {
    await this.write(files);
    this.start();
    return this.outcome('committed');
  }

  async outcome(outcome: string, since = 0): Promise<Line> {
    return this.line((line) => line.outcome === outcome, `outcome ${outcome}`, since);
  }

  /** Waits until `look` returns a value. Calls it again at each line and end of the sidecar. */
  async until<T>(look: () => T | undefined, what: string): Promise<T> {
    const deadline = AbortSignal.timeout(DEADLINE_MS);
    for (;;) {
      const found = look();
      if (found !== undefined) return found;
      await new Promise<void>((resolve, reject) => {
        this.#waiting.add(resolve);
        deadline.addEventListener('abort', () => reject(new Error(this.#story(what))), {
          once: true,
        });
      });
    }
  }

  /** Of the pages: host and port. */
  get address(): string {
    return this.#address;
  }

  get pid(): number | undefined {
    return this.#sidecar?.pid;
  }

  async status(): Promise<BundleStatus> {
    const response = await fetch(`http://${this.#address}/status`);
    const { bundles } = (await response.json()) as { bundles: BundleStatus[] };
    assert.ok(bundles[0], 'the bundle has started');
    return bundles[0];
  }

  async page(path: string): Promise<{ status: number; text: string }> {
    const response = await fetch(`http://${this.#address}${path}`);
    return { status: response.status, text: await response.text() };
  }

  /** What an app that starts now would read, all through one resolution of `..data`. */
  async published(): Promise<Record<string, string>> {
    const data = await realpath(join(this.live, '..data'));
    const entries = await readdir(data, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile());
    const read = files.map(async (entry) => {
      const path = join(entry.parentPath, entry.name);
      return [path.slice(data.length + 1), await readFile(path, 'utf8')] as const;
    });
    return Object.fromEntries(await Promise.all(read));
  }

  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<number | null> {
    const child = this.#sidecar;
    if (child === undefined) return null;
    this.#sidecar = undefined;
    child.kill(signal);
    await this.#closed;
    return child.exitCode;
  }

  /** Waits until the sidecar ends by itself. */
  async exit(): Promise<number | null> {
    const child = this.#sidecar;
    assert.ok(child);
    const code = await this.until(() => child.exitCode ?? undefined, 'the end of the sidecar');
    await this.#closed;
    return code;
  }

  async end(): Promise<void> {
    await this.kill();
    await this.app.stop();
    await rm(this.dir, { recursive: true, force: true });
  }

  #heard(text: string): void {
    const line = JSON.parse(text) as Line;
    this.lines.push(line);
    if (typeof line.address === 'string') this.#address = line.address.replace('[::]', '127.0.0.1');
    this.#wake();
  }

  #wake(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const wake of waiting) wake();
  }

  #story(what: string): string {
    const last = this.lines.slice(-15).map((line) => JSON.stringify(line));
    const { exitCode = null, signalCode = null } = this.#sidecar ?? {};
    const ended = signalCode ?? exitCode;
    const state = ended === null ? '' : `, the sidecar has ended (${ended})`;
    return `no ${what} within ${DEADLINE_MS} ms${state}\n${last.join('\n')}\n${this.stderr}`;
  }

  /** Writes `lastgood.yaml`, with what a test has set in `bundle` meanwhile. */
  async configured(top: Record<string, unknown> = {}): Promise<void> {
    await mkdir(this.live, { recursive: true });
    const settings = {
      listen: '127.0.0.1:0',
      stateDir: join(this.dir, 'state'),
      bundles: [this.bundle],
      ...top,
    };
    await writeFile(this.settings, JSON.stringify(settings, null, 2));
  }
}

function bundleOf(pod: Pod, { volume = {}, direct = false, confirm = true }: PodOptions) {
  const { url } = pod.app;
  const bundle: Record<string, unknown> = {
    name: 'model',
    volumes: [{ path: pod.source, ...volume }],
    targets: [{ webhook: { url: `${url}/admin/reload`, timeout: '1m' } }],
  };
  if (!direct) bundle.publish = pod.live;
  if (confirm) bundle.confirm = { within: '1m', hold: '0ms', http: { url: `${url}/health` } };
  return bundle;
}
