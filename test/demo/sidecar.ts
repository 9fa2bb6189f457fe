import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { BundleStatus, Status } from '../../sidecar/src/observability/status.ts';
import type { Outcome } from '../../sidecar/src/rollout/outcome.ts';
import { DEADLINE_MS } from '../deadline.ts';
import { Child } from './child.ts';
import { DemoFailure } from './failure.ts';
import { ask, statusOf } from './http.ts';

const PROGRAM = fileURLToPath(import.meta.resolve('../../sidecar/src/main.ts'));
/** As often as the demo's startup probe looks. */
const PROBE_MS = 5;

/** A line of lastgood's log, as far as the demo reads it. */
export interface LogLine {
  readonly msg: string;
  readonly address?: string;
  readonly rollout?: string;
  /** First 12 hex digits. */
  readonly version?: string | null;
  readonly step?: string;
  readonly result?: string;
  readonly durationMs?: number;
  readonly outcome?: Outcome;
  readonly active?: string | null;
  readonly findings?: readonly string[];
  readonly back?: boolean;
}

/** The end of a rollout, and all the lines about it. */
export interface Ending extends LogLine {
  readonly outcome: Outcome;
  readonly steps: readonly LogLine[];
}

/** A running lastgood. */
export class Sidecar {
  readonly child: Child;
  /** Where it serves: `http://127.0.0.1:port`. */
  readonly url: string;

  /** Starts it and waits until it serves its pages. */
  static async start(child: Child): Promise<Sidecar> {
    const address = await child.find('its address', (line) => logLine(line)?.address);
    return new Sidecar(child, `http://${address}`);
  }

  /** The process of lastgood for a settings file. */
  static spawn(settingsFile: string): Child {
    return new Child('lastgood', [PROGRAM, '--config', settingsFile]);
  }

  /** The child need only have its log. */
  constructor(child: Child, url: string) {
    this.child = child;
    this.url = url;
  }

  /** Polls `/readyz`, as the pod's startup probe does, until it answers 200. */
  async ready(): Promise<void> {
    const deadlineMs = performance.now() + DEADLINE_MS;
    while ((await statusOf(`${this.url}/readyz`)) !== 200) {
      if (this.child.hasEnded || performance.now() > deadlineMs)
        throw new DemoFailure('lastgood does not become ready');
      await sleep(PROBE_MS);
    }
  }

  /** The first line since the mark that is like this. */
  line(what: string, isIt: (line: LogLine) => boolean, from: number): Promise<LogLine> {
    const match = (text: string) => {
      const line = logLine(text);
      return line !== undefined && isIt(line) ? line : undefined;
    };
    return this.child.find(what, match, { from });
  }

  /** How the next rollout since the mark ends. One that a newer one replaced does not count. */
  async ending(from: number): Promise<Ending> {
    const isEnd = ({ outcome }: LogLine) => outcome !== undefined && outcome !== 'superseded';
    const end = await this.line('the end of the rollout', isEnd, from);
    return this.#withSteps(end, from);
  }

  /** Calls back whenever a rollout ends. */
  onEnding(listener: (ending: Ending) => void): void {
    this.child.onLine((text) => {
      const line = logLine(text);
      if (line?.outcome !== undefined) listener(this.#withSteps(line, 0));
    });
  }

  /** The one bundle of the example, as `/status` shows it. */
  async bundle(): Promise<BundleStatus> {
    const { body } = await ask<Status>(`${this.url}/status`);
    const [bundle] = body.bundles;
    if (bundle === undefined) throw new DemoFailure('/status shows no bundle');
    return bundle;
  }

  #withSteps(end: LogLine, from: number): Ending {
    const lines = this.child.since(from).flatMap((text) => logLine(text) ?? []);
    const isStep = (line: LogLine) => line.rollout === end.rollout && line.outcome === undefined;
    return { ...end, outcome: end.outcome ?? 'unchanged', steps: lines.filter(isStep) };
  }
}

/** Undefined for what is not of the log, such as a stack trace on standard error. */
function logLine(text: string): LogLine | undefined {
  try {
    const line: unknown = JSON.parse(text);
    return typeof line === 'object' && line !== null && 'msg' in line
      ? (line as LogLine)
      : undefined;
  } catch {
    return undefined;
  }
}
