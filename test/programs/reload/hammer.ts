import http from 'node:http';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { atEnd } from '../../at-end.ts';
import { DEADLINE_MS } from '../../deadline.ts';

/** How many requests are under way at once. */
const CLIENTS = 4;
/** How long each client waits for its turn again. */
const PAUSE_MS = 5;

/** What clients saw of an app while it was changed. */
export interface Seen {
  readonly requests: number;
  /** Each request that got anything but status 200, with why. */
  readonly failures: readonly string[];
  /** The bodies, in the order in which they were first seen. */
  readonly bodies: readonly string[];
}

export interface Hammer {
  /** Resolves once a body is seen from now on that fits. */
  sees(fits: (body: string) => boolean, what: string): Promise<void>;
  /** What was seen up to now. */
  readonly seen: Seen;
  /**
   * Goes on until at least this many requests were made, as they come slowly on a busy machine, and until one that
   * began from now on has ended: it sees what runs now.
   */
  stop(minRequests: number): Promise<Seen>;
}

/**
 * Asks again and again, each time over a separate connection: a reload that closes a listening
 * socket for a moment refuses one of them. Resolves with the first answer, so that a change that comes
 * next does not hide it.
 */
export async function hammer(
  context: TestContext,
  ask: () => Promise<string>,
  count = CLIENTS,
): Promise<Hammer> {
  const failures: string[] = [];
  const bodies: string[] = [];
  const waiting = new Set<(body: string) => void>();
  let requests = 0;
  let isOver = false;
  const pause = () => sleep(PAUSE_MS);
  const client = async () => {
    while (!isOver) {
      requests += 1;
      try {
        const body = await ask();
        if (!bodies.includes(body)) bodies.push(body);
        for (const wake of waiting) wake(body);
      } catch (error) {
        failures.push(`${Date.now()} ${error}`);
      }
      await pause();
    }
  };
  atEnd(context, () => {
    isOver = true;
  });
  const clients = Promise.all(Array.from({ length: count }, client));
  const started: Hammer = {
    get seen() {
      return { requests, failures, bodies };
    },
    sees: (fits, what) =>
      new Promise((resolve, reject) => {
        const late = setTimeout(
          () => reject(new Error(`no ${what}; seen ${bodies}, failed ${failures.slice(-3)}`)),
          DEADLINE_MS,
        );
        const wake = (body: string) => {
          if (!fits(body)) return;
          clearTimeout(late);
          waiting.delete(wake);
          resolve();
        };
        waiting.add(wake);
      }),
    stop: async (minRequests) => {
      const enough = Math.max(minRequests, requests + 1);
      while (requests < enough && !isOver) await pause();
      isOver = true;
      await clients;
      return { requests, failures, bodies };
    },
  };
  await started.sees(() => true, 'first answer');
  return started;
}

/** The body of one answer with status 200, over a new connection; rejects with anything else. */
export function get(url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = http.get(url, { agent: false, timeout: DEADLINE_MS }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (chunk) => {
        body += chunk;
      });
      response.on('end', () => {
        if (response.statusCode === 200) resolve(body);
        else reject(new Error(`status ${response.statusCode}`));
      });
      response.on('error', reject);
    });
    request.on('timeout', () => request.destroy(new Error('timeout')));
    request.on('error', reject);
  });
}
