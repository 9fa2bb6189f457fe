import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { DEADLINE_MS } from '../../deadline.ts';
import { freePort } from '../../free-port.ts';
import { AtomicWriter } from '../../kubelet/atomic-writer.ts';
import { Hook } from './hook.ts';
import type { Subject } from './subjects.ts';

const POLL_MS = 20;

/** A volume that is younger than the program may have changed since the app has read it. */
const VOLUME_AGE_MS = 100;

/** Volumes that the kubelet's stand-in writes, apps that receive requests, and the program between them. */
export class Rig {
  readonly subject: Subject;
  readonly dir: string;
  /** What it wrote to standard output and standard error. */
  output = '';
  #child: ChildProcess | undefined;
  /** Not its exit, which may come before the last of its output. */
  #isClosed = false;
  #port = 0;
  readonly #context: TestContext;
  readonly #volumes = new Map<string, AtomicWriter>();

  private constructor(subject: Subject, dir: string, context: TestContext) {
    this.subject = subject;
    this.dir = dir;
    this.#context = context;
  }

  static async create(subject: Subject, context: TestContext): Promise<Rig> {
    const rig = new Rig(subject, await mkdtemp(join(tmpdir(), 'lastgood-contract-')), context);
    context.after(() => rig.#end());
    return rig;
  }

  /** An app that receives requests; it answers 200 unless a test sets another status. */
  async hook(): Promise<Hook> {
    const hook = new Hook();
    this.#context.after(() => hook.stop());
    return hook.start();
  }

  /** Path of a volume. */
  path(volume: string): string {
    return join(this.dir, volume);
  }

  /** One update of a volume by the kubelet. */
  async write(text: string, volume = 'config'): Promise<void> {
    const writer = this.#volumes.get(volume) ?? new AtomicWriter(this.path(volume));
    this.#volumes.set(volume, writer);
    await writer.write({ 'config.yaml': { bytes: text } });
  }

  /** What an app would read there now. */
  read(volume = 'config'): Promise<string> {
    return readFile(join(this.path(volume), 'config.yaml'), 'utf8');
  }

  /** Starts the program on the volume `config` and resolves when it serves its metrics. */
  async start(urls: readonly string[], ...flags: string[]): Promise<void> {
    if (!this.#volumes.has('config')) await this.write('first');
    await this.startWith(
      `--volume-dir=${this.path('config')}`,
      ...urls.map((url) => `--webhook-url=${url}`),
      ...flags,
    );
    await this.until(async () => (await this.page('/')) !== undefined, 'a page');
    // The first capture is part of the start, and sends no request.
    if (this.subject.name === 'lastgood')
      await this.until(async () => (await this.page('/readyz'))?.status === 200, 'readiness');
  }

  /** Starts the program with these flags alone, and does not wait for it. */
  async startWith(...flags: string[]): Promise<void> {
    // File times and the start of a process are rounded by 10 ms or more.
    await sleep(VOLUME_AGE_MS);
    this.#port = await freePort();
    const [program, ...args] = this.subject.command;
    const listen = `--web.listen-address=127.0.0.1:${this.#port}`;
    const child = spawn(program, [...args, ...flags, listen], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    child.once('close', () => {
      this.#isClosed = true;
    });
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk) => {
        this.output += chunk;
      });
  }

  /** Undefined if no process listens. */
  async page(path: string): Promise<{ status: number; text: string; type: string } | undefined> {
    try {
      const response = await fetch(`http://127.0.0.1:${this.#port}${path}`);
      const type = response.headers.get('content-type') ?? '';
      return { status: response.status, text: await response.text(), type };
    } catch {
      return undefined;
    }
  }

  /** The series of configmap-reload, `name{labels}` to value, labels sorted by name. */
  async series(path = '/metrics'): Promise<Record<string, number>> {
    const { text = '' } = (await this.page(path)) ?? {};
    const lines = text.split('\n').filter((line) => line.startsWith('configmap_reload_'));
    return Object.fromEntries(lines.map(seriesOf));
  }

  /** Waits until a gauge has this value, or a counter at least that; `labels` as in {@link series}. */
  metric(name: string, labels: string, value: number): Promise<void> {
    const series = `configmap_reload_${name}{${labels}}`;
    const isCounter = name.endsWith('_total');
    const look = async () => {
      const { [series]: seen = Number.NaN } = await this.series();
      return isCounter ? seen >= value : seen === value;
    };
    return this.until(look, `${series} ${value}`);
  }

  async until(look: () => boolean | Promise<boolean>, what: string): Promise<void> {
    const deadline = Date.now() + DEADLINE_MS;
    while (!(await look())) {
      assert.ok(Date.now() < deadline, `no ${what} within ${DEADLINE_MS} ms\n${this.output}`);
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }

  /** Ends the program and gives its exit code, or the signal that ended it. */
  async stop(signal: NodeJS.Signals): Promise<number | NodeJS.Signals | null> {
    const child = this.#child;
    if (child === undefined) return null;
    child.kill(signal);
    await this.until(() => this.#isClosed, 'end');
    return child.exitCode ?? child.signalCode;
  }

  async #end(): Promise<void> {
    await this.stop('SIGKILL');
    await rm(this.dir, { recursive: true, force: true });
  }
}

function seriesOf(line: string): [string, number] {
  const [, name = '', labels = '', value = ''] = /^([^{ ]+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
  const sorted = labels.match(/\w+="[^"]*"/g)?.toSorted() ?? [];
  return [sorted.length === 0 ? name : `${name}{${sorted.join()}}`, Number(value)];
}
