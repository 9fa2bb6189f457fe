import { readFileSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { Agent, get } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Status } from '../sidecar/src/observability/status.ts';
import type { Child, ChildOptions } from './child.ts';
import { CONFIG_FILE, FEATURES_FILE, SCHEMA } from './contents/contents.ts';
import { BenchFailure } from './failure.ts';

const START_WITHIN_MS = 30_000;
/** Between two looks at `/readyz`; each costs the sidecar a fraction of a millisecond. */
const READY_POLL_MS = 2;

const STEP = /"step":"(\w+)","result":"\w+","durationMs":([\d.]+)/;
const OUTCOME = /"outcome":"([\w-]+)"/;
const ADDRESS = /"address":"([^"]+)"/;

export interface SidecarOptions {
  /** Another built file than the one that is measured. */
  readonly file?: string;
  /** The volume that it watches. */
  readonly volume: string;
  /** For its settings and, in published mode, what the app reads (`liveIn`). */
  readonly dir: string;
  /** For its state and what it publishes; `dir` when left out. */
  readonly dataDir?: string;
  readonly url: string;
  readonly mode: 'published' | 'direct';
  /** Whether the files are checked, with their formats and a JSON Schema. */
  readonly isChecked: boolean;
  /** The `validate` of its settings, where it is not that of the usual files. */
  readonly checks?: readonly object[];
  /** The targets are the subscribers of the SDK, and not `url`. Their socket is in `run` of the data. */
  readonly hasSubscribers?: boolean;
  /** Asked for the confirmation; without it there is none. */
  readonly healthUrl?: string;
}

/** The directory that the app reads in published mode. */
export function liveIn({ dir, dataDir = dir }: Pick<SidecarOptions, 'dir' | 'dataDir'>): string {
  return join(dataDir, 'live');
}

/** How the built file wants to be run: what the image does. */
export interface Launch {
  readonly env: Readonly<Record<string, string>>;
  /** For Node. */
  readonly flags: readonly string[];
  /** Node, where it is not that of the bench. */
  readonly node?: string;
}

/** Read from its first line: `#!/usr/bin/env -S NAME=value node --flag`. */
export function launchOf(file: string): Launch {
  const [first = ''] = readFileSync(file, 'utf8').split('\n', 1);
  const [, before = '', after = ''] = /^#!\S+(?: -S)?(.*?)\bnode\b(.*)$/.exec(first) ?? [];
  const words = (text: string) => text.split(' ').filter(Boolean);
  return { env: Object.fromEntries(words(before).map(variableOf)), flags: words(after) };
}

function variableOf(word: string): [string, string] {
  const [name = '', ...value] = word.split('=');
  return [name, value.join('=')];
}

/** Writes its settings. Answers the command line of the built file with them. */
export async function commandOf(
  file: string,
  options: SidecarOptions,
  { env, flags, node = process.execPath }: Launch,
): Promise<ChildOptions> {
  const { dir, dataDir = dir, mode, hasSubscribers } = options;
  if (mode === 'published') await mkdir(liveIn(options), { recursive: true });
  const settings = join(dir, 'lastgood.yaml');
  const contents = {
    listen: '127.0.0.1:0',
    stateDir: join(dataDir, 'state'),
    // An older version, to compare with, does not know it.
    ...(hasSubscribers ? { runDir: join(dataDir, 'run') } : {}),
    bundles: [bundleOf(options)],
  };
  writeFileSync(settings, JSON.stringify(contents, null, 2));
  return { command: node, args: [...flags, file, '--config', settings], env };
}

const USUAL_CHECKS = [{ files: CONFIG_FILE, schema: SCHEMA }, { files: FEATURES_FILE }];

function bundleOf(options: SidecarOptions): object {
  const { volume, url, mode, isChecked, checks = USUAL_CHECKS, healthUrl } = options;
  const target = options.hasSubscribers
    ? { subscribers: {} }
    : { webhook: { url, timeout: '10s' } };
  return {
    name: 'model',
    volumes: [{ path: volume }],
    ...(mode === 'published' ? { publish: liveIn(options) } : {}),
    ...(isChecked ? { validate: checks } : {}),
    targets: [target],
    ...(healthUrl === undefined
      ? {}
      : { confirm: { within: '5s', hold: '0ms', http: { url: healthUrl } } }),
  };
}

/** The built sidecar as a real process, and what it logs about its rollouts. */
export class Sidecar {
  readonly child: Child;
  readonly #agent = new Agent({ keepAlive: true });
  readonly #tookMs = new Map<string, number[]>();
  readonly #ended = new Map<string, number>();
  #address: string | undefined;

  constructor(child: Child) {
    this.child = child;
    child.onLine((line) => this.#heard(line));
  }

  /** Waits for the first 200 of `/readyz`; answers the time since the process was spawned. */
  async ready(): Promise<number> {
    const { child } = this;
    await child.until('address in its log', () => this.#address, START_WITHIN_MS);
    while ((await this.#status('/readyz')).code !== 200) {
      if (child.hasEnded || performance.now() - child.spawnedAtMs > START_WITHIN_MS)
        throw new BenchFailure(`${child.name} does not become ready`, child.tail);
      await sleep(READY_POLL_MS);
    }
    return performance.now() - child.spawnedAtMs;
  }

  /** How many rollouts have ended so. */
  outcomes(outcome: string): number {
    return this.#ended.get(outcome) ?? 0;
  }

  /** Waits until so many rollouts have been committed. */
  async committed(count: number, withinMs: number): Promise<void> {
    const look = () => (this.outcomes('committed') >= count ? true : undefined);
    await this.child.until(`commit number ${count}`, look, withinMs);
  }

  /** By its own log: what each run of a step took. */
  tookMs(step: string): readonly number[] {
    return this.#tookMs.get(step) ?? [];
  }

  async bundle(): Promise<Status['bundles'][number]> {
    const { text } = await this.#status('/status');
    const [bundle] = (JSON.parse(text) as Status).bundles;
    if (bundle === undefined) throw new BenchFailure('/status shows no bundle', this.child.tail);
    return bundle;
  }

  async stop(): Promise<void> {
    this.#agent.destroy();
    await this.child.stop();
  }

  #heard(line: string): void {
    const [, step, tookMs] = STEP.exec(line) ?? [];
    if (step !== undefined) {
      const took = this.#tookMs.get(step) ?? [];
      took.push(Number(tookMs));
      this.#tookMs.set(step, took);
    }
    const outcome = OUTCOME.exec(line)?.[1];
    if (outcome !== undefined) this.#ended.set(outcome, this.outcomes(outcome) + 1);
    this.#address ??= ADDRESS.exec(line)?.[1];
  }

  #status(path: string): Promise<{ code: number; text: string }> {
    return new Promise((resolve, reject) => {
      const url = `http://${this.#address}${path}`;
      const asked = get(url, { agent: this.#agent }, (answer) => {
        let text = '';
        answer.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk;
        });
        answer.on('end', () => resolve({ code: answer.statusCode ?? 0, text }));
      });
      asked.on('error', reject);
    });
  }
}
