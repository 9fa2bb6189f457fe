/** A pod for one case: volumes that the kubelet's stand-in writes, a Prometheus, and the program. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { DEADLINE_MS } from '../../deadline.ts';
import { freePort } from '../../free-port.ts';
import { AtomicWriter } from '../../kubelet/atomic-writer.ts';
import type { Program } from './program.ts';

const POLL_MS = 20;

const RUNTIME_INFO = '/api/v1/status/runtimeinfo';

export interface Request {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly authorization: string | undefined;
  readonly body: string;
}

/** Runs a program that ends by itself. */
export function ran({ command: [file, ...before] }: Program, args: readonly string[], env = {}) {
  const options = {
    encoding: 'utf8',
    timeout: DEADLINE_MS,
    env: { ...process.env, ...env },
  } as const;
  const { status, stdout, stderr } = spawnSync(file, [...before, ...args], options);
  return { status, stdout, stderr };
}

export class Stand {
  readonly dir: string;
  readonly program: Program;
  /** The requests to Prometheus, in order. */
  readonly requests: Request[] = [];
  /** What it answers. */
  status = 200;
  output = '';
  #server: Server | undefined;
  readonly #port: number;
  #child: ChildProcess | undefined;
  /** Not its exit, which may come before the last of its output. */
  #isClosed = false;
  #process: ChildProcess | undefined;

  private constructor(dir: string, port: number, program: Program) {
    this.dir = dir;
    this.#port = port;
    this.program = program;
  }

  static async create(context: TestContext, program: Program): Promise<Stand> {
    const dir = await mkdtemp(join(tmpdir(), 'lastgood-contract-'));
    const stand = new Stand(dir, await freePort(), program);
    context.after(() => stand.#end());
    await stand.prometheus();
    return stand;
  }

  path(name: string): string {
    return join(this.dir, name);
  }

  /** One update of a volume by the kubelet. */
  async write(volume: string, files: Record<string, string | Buffer>): Promise<void> {
    const payload = Object.entries(files).map(
      ([name, bytes]) => [name, { bytes, mode: 0o644 }] as const,
    );
    await new AtomicWriter(this.path(volume)).write(Object.fromEntries(payload));
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}/-/reload`;
  }

  /** Starts Prometheus, at the port that it had. */
  async prometheus(): Promise<void> {
    this.#server = createServer(async (request, response) => {
      if (request.url === RUNTIME_INFO) return response.end(this.#runtimeInfo());
      this.requests.push(await requestOf(request));
      return response.writeHead(this.status).end();
    }).listen(this.#port, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  get runtimeInfoUrl(): string {
    return `http://127.0.0.1:${this.#port}${RUNTIME_INFO}`;
  }

  /** As if the reload had just been done. */
  #runtimeInfo(): string {
    const data = { reloadConfigSuccess: this.status === 200, lastConfigTime: new Date() };
    return JSON.stringify({ status: 'success', data });
  }

  /** A process of that name that notes each SIGHUP in the file `hups`. */
  async process(name: string): Promise<void> {
    const script =
      '#!/bin/sh\ntrap "echo hup >> hups" HUP\ntouch up\nwhile :; do sleep 0.05; done\n';
    await writeFile(this.path(name), script, { mode: 0o755 });
    this.#process = spawn(this.path(name), { cwd: this.dir, stdio: 'ignore' });
    await this.file('up');
  }

  async noPrometheus(): Promise<void> {
    const server = this.#server;
    if (server === undefined) return;
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }

  /** Starts the program with the flags that every case needs, and does not wait for it. */
  start(flags: readonly string[], env: Record<string, string> = {}): void {
    const [file, ...before] = this.program.command;
    const common = [`--reload-url=${this.url}`, '--listen-address=127.0.0.1:0'];
    const given = (flag: string) => flags.some((each) => each.startsWith(flag.split('=')[0] ?? ''));
    const args = [...before, ...common.filter((flag) => !given(flag)), ...flags];
    const child = spawn(file, args, { env: { ...process.env, ...env }, cwd: this.dir });
    this.#child = child;
    child.once('close', () => {
      this.#isClosed = true;
    });
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk) => {
        this.output += chunk;
      });
  }

  async page(path: string, headers: Record<string, string> = {}) {
    const [, address] = await this.until(() => ADDRESS.exec(this.output) ?? undefined, 'address');
    const response = await fetch(`http://${address}${path}`, { headers });
    return { status: response.status, text: await response.text() };
  }

  /** The value of a metric; undefined where it is not there. */
  async metric(name: string): Promise<number | undefined> {
    const { text } = await this.page('/metrics');
    const line = text.split('\n').find((each) => each.startsWith(`${name} `));
    return line === undefined ? undefined : Number(line.slice(name.length));
  }

  async hasMetric(name: string, value: number): Promise<void> {
    await this.until(async () => ((await this.metric(name)) === value ? true : undefined), name);
  }

  /** The text of a file once it is there and as `wanted`. */
  async file(name: string, wanted: (text: string) => boolean = () => true): Promise<string> {
    const read = () => readFile(this.path(name), 'utf8').catch(() => undefined);
    return this.until(async () => {
      const text = await read();
      return text !== undefined && wanted(text) ? text : undefined;
    }, name);
  }

  async asked(times: number): Promise<void> {
    await this.until(() => (this.requests.length >= times ? true : undefined), `request ${times}`);
  }

  /** The log comes through a pipe: it may arrive after the request or page that it reports. */
  async logged(pattern: RegExp): Promise<void> {
    await this.until(() => pattern.test(this.output) || undefined, `${pattern} in the log`);
  }

  async until<T>(look: () => T | undefined | Promise<T | undefined>, what: string): Promise<T> {
    const endsAt = Date.now() + DEADLINE_MS;
    for (;;) {
      const found = await look();
      if (found !== undefined) return found;
      assert.ok(Date.now() < endsAt, `no ${what}\n${this.output}`);
      await sleep(POLL_MS);
    }
  }

  async stop(): Promise<number | null> {
    this.#child?.kill('SIGTERM');
    return this.exit();
  }

  async exit(): Promise<number | null> {
    const child = this.#child;
    assert.ok(child);
    await this.until(() => this.#isClosed || undefined, 'end');
    return child.exitCode;
  }

  async #end(): Promise<void> {
    this.#child?.kill('SIGKILL');
    if (this.#child !== undefined) await this.exit();
    if (this.#process?.kill('SIGKILL')) await once(this.#process, 'exit');
    await this.noPrometheus();
    await rm(this.dir, { recursive: true, force: true });
  }
}

/** Both programs tell in their log where they listen, as logfmt or as JSON. */
const ADDRESS = /"?address"?[=:]"?(127\.0\.0\.1:\d+)/;

async function requestOf(request: IncomingMessage): Promise<Request> {
  const { method, url, headers } = request;
  let body = '';
  for await (const chunk of request) body += chunk;
  return { method, url, authorization: headers.authorization, body };
}
