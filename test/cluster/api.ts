import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { programEnvironment } from './programs/programs.ts';

/** As much of an object of the API as the tests read. */
export interface ApiObject {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly annotations?: Record<string, string> };
}

/** The API server over HTTP, through `kubectl proxy`: quicker than a kubectl for each request. */
export class Api {
  readonly url: string;
  readonly #end: () => Promise<void>;

  static async open(kubeconfig = process.env.KUBECONFIG): Promise<Api> {
    const { PATH } = programEnvironment();
    const proxy = spawn('kubectl', ['proxy', '--port=0'], {
      env: { ...process.env, PATH, KUBECONFIG: kubeconfig },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const lines = createInterface({ input: proxy.stdout });
    const [line] = (await once(lines, 'line')) as [string];
    const [, address] = /serve on (\S+)/.exec(line) ?? [];
    if (address === undefined) throw new Error(`kubectl proxy: ${line}`);
    const ended = once(proxy, 'close');
    return new Api(`http://${address}`, async () => {
      proxy.kill();
      await ended;
    });
  }

  private constructor(url: string, end: () => Promise<void>) {
    this.url = url;
    this.#end = end;
  }

  close(): Promise<void> {
    return this.#end();
  }

  async get<T>(path: string): Promise<T> {
    return (await this.#request(path, {})) as T;
  }

  /** A merge patch. */
  async patch(path: string, change: object): Promise<void> {
    const headers = { 'content-type': 'application/merge-patch+json' };
    await this.#request(path, { method: 'PATCH', headers, body: JSON.stringify(change) });
  }

  async create(path: string, object: object): Promise<void> {
    const headers = { 'content-type': 'application/json' };
    await this.#request(path, { method: 'POST', headers, body: JSON.stringify(object) });
  }

  /**
   * The states of the objects of a list, from those that the server has in its cache: it refuses to wait
   * until an idle cache is as new as etcd.
   */
  async *watch<T>(
    path: string,
    signal?: AbortSignal,
  ): AsyncGenerator<{ readonly type: string; readonly object: T }> {
    const url = `${this.url}${path}${path.includes('?') ? '&' : '?'}watch=true&resourceVersion=0`;
    const response = await fetch(url, signal ? { signal } : {});
    if (!response.ok || response.body === null) throw new Error(`watch ${path}`);
    const input = Readable.fromWeb(response.body);
    try {
      for await (const line of createInterface({ input })) {
        const event = JSON.parse(line);
        if (event.type === 'ERROR') throw new Error(`watch ${path}: ${event.object.message}`);
        yield event;
      }
    } finally {
      input.destroy();
    }
  }

  async delete(path: string): Promise<void> {
    await this.#request(path, { method: 'DELETE' });
  }

  async #request(path: string, init: RequestInit): Promise<unknown> {
    const response = await fetch(`${this.url}${path}`, init);
    const text = await response.text();
    if (!response.ok) throw new Error(`${init.method ?? 'GET'} ${path}: ${text}`);
    return JSON.parse(text);
  }
}

const POLL_MS = 200;

/** Ends only a hang: on a busy machine with cold caches, some of it takes minutes. */
export const WITHIN_MS = 600_000;

/** Asks until the answer is there. Rejects with what was missing, and the last failure. */
export async function eventually<T>(
  what: string,
  ask: () => Promise<T | undefined>,
  withinMs = WITHIN_MS,
): Promise<T> {
  const deadlineMs = performance.now() + withinMs;
  let failure: unknown;
  for (;;) {
    try {
      const answer = await ask();
      if (answer !== undefined) return answer;
      failure = undefined;
    } catch (error) {
      failure = error;
    }
    if (performance.now() > deadlineMs)
      throw new Error(`waited in vain for ${what}`, { cause: failure });
    await sleep(POLL_MS);
  }
}
