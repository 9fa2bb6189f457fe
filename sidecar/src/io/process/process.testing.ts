/** What the tests around processes share: apps that are no children of the test. */
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { kill } from './orphans.ts';
import { until } from './run-command.testing.ts';
import type { ProcessSelector } from './select-process.ts';

export { until };

/**
 * Logs `started PID` when its handlers are set, and then each signal that it gets, always SIGWINCH. A worker is the
 * same again, one level below. `deaf` catches SIGTERM and stays; `renewing` starts one more worker at SIGHUP, and at
 * SIGUSR2 a child that is none.
 */
const APP = `
const fs = require('node:fs');
const [name, log, signals, workers, mode] = process.argv.slice(1);
const say = (text) => fs.appendFileSync(log, text + ' ' + process.pid + '\\n');
for (const signal of [...signals.split(','), 'SIGWINCH'].filter(Boolean))
  process.on(signal, () => say(signal));
if (mode === 'deaf') process.on('SIGTERM', () => say('SIGTERM'));
const startWorker = () =>
  require('node:child_process').spawn(process.execPath, [name, log, signals, '0', 'plain']);
for (let index = 0; index < Number(workers); index++) startWorker();
if (mode === 'renewing') {
  process.on('SIGHUP', startWorker);
  process.on('SIGUSR2', () => {
    require('node:child_process').spawn('sleep', ['1000']).on('spawn', () => say('helper'));
  });
}
setInterval(() => {}, 1e6);
say('started');
`;

/** Restarts the app whenever it has ended, as the kubelet does with a container. */
const SUPERVISOR = `
const { spawn } = require('node:child_process');
const [, app, ...args] = process.argv.slice(1);
const start = () => spawn(process.execPath, [app, ...args]).on('exit', () => setTimeout(start, 20));
start();
`;

let count = 0;

export interface AppOptions {
  /** The signals that it catches, besides SIGWINCH. */
  readonly catches?: readonly NodeJS.Signals[];
  readonly workers?: number;
  readonly mode?: 'deaf' | 'plain' | 'renewing';
  readonly supervised?: boolean;
  readonly uid?: number;
}

/** A directory with an app of a name that nothing else on this machine has. */
export class Scene {
  readonly dir: string;
  /** Longer than the 15 characters of `comm`. */
  readonly name: string;
  readonly #log: string;

  constructor(t: { after(end: () => void): void }) {
    this.dir = mkdtempSync(join(tmpdir(), 'lastgood-processes-'));
    chmodSync(this.dir, 0o755);
    count += 1;
    this.name = `an-app-with-a-long-name-${process.pid}-${count}`;
    this.#log = join(this.dir, 'log');
    writeFileSync(this.#log, '');
    chmodSync(this.#log, 0o666);
    writeFileSync(join(this.dir, this.name), APP);
    writeFileSync(join(this.dir, 'supervisor'), SUPERVISOR);
    t.after(() => this.#end());
  }

  /** Starts the app as an orphan, and waits until its handlers are set. Returns its process ID. */
  async start(options: AppOptions = {}): Promise<number> {
    const { workers = 0, supervised = false, uid } = options;
    const before = this.pidsIn('started').length;
    const pid = this.orphan(this.command(options), uid);
    await until(() => this.pidsIn('started').length === before + workers + 1);
    return supervised ? (this.pidsIn('started').at(-1) ?? 0) : pid;
  }

  /** The program and its arguments that `start` runs. */
  command(options: AppOptions): readonly string[] {
    const { catches = ['SIGHUP'], workers = 0, mode = 'plain', supervised = false } = options;
    const supervisor = supervised ? [join(this.dir, 'supervisor')] : [];
    const app = [join(this.dir, this.name), this.#log, catches.join(','), String(workers), mode];
    return [process.execPath, ...supervisor, ...app];
  }

  /** Another process in the pod: without one there would seem to be no shared namespace. */
  stranger(): void {
    this.orphan(['sleep', '1000']);
  }

  /** Runs a command with a parent that ends at once, so that it is not a child of the test. */
  orphan(command: readonly string[], uid?: number): number {
    const script = '"$0" "$@" >/dev/null 2>&1 & echo $!';
    const { stdout } = spawnSync('/bin/sh', ['-c', script, ...command], {
      encoding: 'utf8',
      cwd: this.dir,
      ...(uid === undefined ? {} : { uid, gid: uid }),
    });
    const pid = Number(stdout);
    this.#orphans.push(pid);
    return pid;
  }
  readonly #orphans: number[] = [];

  /** Waits until these have logged all signals so far: of several, the lowest number comes first. */
  async hasHeard(...pids: readonly number[]): Promise<void> {
    const before = this.pidsIn('SIGWINCH').length;
    for (const pid of pids) process.kill(pid, 'SIGWINCH');
    await until(() => this.pidsIn('SIGWINCH').length === before + pids.length);
  }

  /** The IDs of the processes that logged this word, in order. */
  pidsIn(word: string): readonly number[] {
    return readFileSync(this.#log, 'utf8')
      .split('\n')
      .filter((line) => line.startsWith(`${word} `))
      .map((line) => Number(line.split(' ')[1]));
  }

  settings(more: Partial<ProcessSelector> = {}): ProcessSelector {
    const none = { commandLine: undefined, pidFile: undefined, uid: undefined, all: false };
    return { process: this.name, ...none, ...more };
  }

  /** Supervisors first, so that nothing is restarted; then what is left, and what that has just started. */
  #end(): void {
    for (const pid of this.#orphans) if (isIn(this.dir, pid)) kill(pid);
    const left = () => readdirSync('/proc').filter((name) => isIn(this.dir, Number(name)));
    for (let found = left(); found.length > 0; found = left())
      for (const name of found) kill(Number(name));
    rmSync(this.dir, { recursive: true, force: true });
  }
}

/** Each of them runs in the directory, so a process that reuses the number is never killed. */
function isIn(dir: string, pid: number): boolean {
  try {
    return readlinkSync(`/proc/${pid}/cwd`) === dir;
  } catch {
    return false;
  }
}
