import { join } from 'node:path';
import { findPeer, type PeerName } from '../test/contract/peers.ts';
import type { Child, ChildOptions } from './child.ts';
import { CONFIG_FILE, SCHEMA } from './contents/contents.ts';
import { launchOf, Sidecar } from './sidecar.ts';
import type { Workbench } from './workbench.ts';

/** The volume to watch and the URL to notify. */
interface Task {
  readonly volume: string;
  readonly url: string;
}

/** One program with the command line of a reloader: the real one, or lastgood in its place. */
export interface Reloader {
  readonly name: string;
  readonly of: PeerName;
  /** Whether it is lastgood. */
  readonly isOurs: boolean;
  /** Whether it checks each content before it notifies the app. */
  readonly isChecked: boolean;
  start(bench: Workbench, task: Task): Promise<Started>;
}

export interface Started {
  readonly child: Child;
  /** Of lastgood. */
  readonly sidecar: Sidecar | undefined;
}

const START_WITHIN_MS = 30_000;

/** What the real ones print once they watch. */
const WATCHES = /Watching directory|started watching config file and directories/;

const SCHEMA_FLAG = `--schema=${CONFIG_FILE}=${SCHEMA}`;

/** As their manifests have it; `more` is what differs from one row to the next. */
const FLAGS: Readonly<Record<PeerName, (task: Task) => readonly string[]>> = {
  'configmap-reload': ({ volume, url }) => [
    `--volume-dir=${volume}`,
    `--webhook-url=${url}`,
    '--web.listen-address=127.0.0.1:0',
  ],
  'prometheus-config-reloader': ({ volume, url }) => [
    `--watched-dir=${volume}`,
    `--reload-url=${url}`,
    '--listen-address=127.0.0.1:0',
    // The bench reads the output of lastgood.
    '--log-format=json',
  ],
};

/** It waits a second after a change by default, which would hide all else. */
const NO_DELAY = '--delay-interval=0s';

/** Every contender that this machine has, each real one beside lastgood in its place. */
export function reloaders(): readonly Reloader[] {
  return [
    real('configmap-reload'),
    ours('configmap-reload'),
    ours('configmap-reload', { what: ', 10 KB of YAML checked', flags: [SCHEMA_FLAG] }),
    real('prometheus-config-reloader', { what: ', no delay', flags: [NO_DELAY] }),
    ours('prometheus-config-reloader', { what: ', no delay', flags: [NO_DELAY] }),
  ].filter((reloader) => reloader !== undefined);
}

interface More {
  readonly what?: string;
  readonly flags?: readonly string[];
}

/** Undefined where the machine does not have it. */
export function real(of: PeerName, { what = '', flags = [] }: More = {}): Reloader | undefined {
  const command = findPeer(of);
  if (command === undefined) return undefined;
  return {
    name: `${of}${what}`,
    of,
    isOurs: false,
    isChecked: false,
    start: async (bench, task) => {
      const child = bench.start(of, { command, args: [...FLAGS[of](task), ...flags] });
      const seesIt = () => (child.tail.some((line) => WATCHES.test(line)) ? true : undefined);
      await child.until('watch', seesIt, START_WITHIN_MS);
      return { child, sidecar: undefined };
    },
  };
}

export function ours(of: PeerName, { what = '', flags = [] }: More = {}): Reloader {
  return {
    name: `lastgood for ${of}${what}`,
    of,
    isOurs: true,
    isChecked: flags.includes(SCHEMA_FLAG),
    start: async (bench, task) => {
      const child = bench.start('lastgood', commandOf(bench, [...FLAGS[of](task), ...flags]));
      const sidecar = new Sidecar(child);
      await sidecar.ready();
      return { child, sidecar };
    },
  };
}

function commandOf({ sidecarFile }: Workbench, args: readonly string[]): ChildOptions {
  const { env, flags } = launchOf(sidecarFile);
  return { command: process.execPath, args: [...flags, sidecarFile, ...args], env };
}

/** The loop of the shell, which checks every 10 s. */
export const shellLoop: Reloader['start'] = async (bench, { volume, url }) => {
  const script = join(import.meta.dirname, 'contenders/shell-loop.sh');
  const args = [script, join(volume, CONFIG_FILE), url];
  return { child: bench.start('shell loop', { command: 'sh', args }), sidecar: undefined };
};
