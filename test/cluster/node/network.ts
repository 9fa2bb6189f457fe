/** The network of a node: what kube-proxy and a network plugin are for elsewhere. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BUSYBOX } from '../programs/programs.ts';

export interface Network {
  /** All pods are on it, so that they reach each other although this machine does not route. */
  readonly bridge: string;
  /** Pods get addresses of it. */
  readonly pods: string;
  /** Services get addresses of it. Only the first leads anywhere. */
  readonly services: string;
  /** The first address of the services, which pods know as the API server's. */
  readonly api: string;
}

/** Where a node notes its bridge. */
const RECORD = 'bridge';

const ATTEMPTS = 10;

/** Creates a network that no other node of this machine has. */
export function createNetwork(dir: string): Network {
  const number = createBridge();
  const bridge = nameOf(number);
  writeFileSync(join(dir, RECORD), bridge);
  const [services, pods] = [`10.97.${number}`, `10.98.${number}`];
  const api = `${services}.1`;
  ip('address', 'add', `${api}/32`, 'dev', bridge);
  ip('address', 'add', `${pods}.1/24`, 'dev', bridge);
  // Else its address would be that of a pod, and change when the pod goes.
  const hex = number.toString(16).padStart(2, '0');
  ip('link', 'set', bridge, 'address', `02:00:0a:62:${hex}:01`);
  ip('link', 'set', bridge, 'up');
  return { bridge, pods: `${pods}.0/24`, services: `${services}.0/24`, api };
}

function createBridge(): number {
  for (let attempt = 1; ; attempt += 1) {
    const number = Math.floor(Math.random() * 256);
    try {
      ip('link', 'add', nameOf(number), 'type', 'bridge');
      return number;
    } catch (error) {
      if (attempt === ATTEMPTS || !String(error).includes('exists')) throw error;
    }
  }
}

function nameOf(number: number): string {
  return `lastgood-${number}`;
}

/** Does nothing if the bridge is gone, as after a reboot. */
export function removeNetwork(dir: string): void {
  const record = join(dir, RECORD);
  const bridge = existsSync(record) ? readFileSync(record, 'utf8') : '';
  if (bridge !== '' && existsSync(`/sys/class/net/${bridge}`)) ip('link', 'del', bridge);
}

function ip(...args: string[]): void {
  execFileSync(BUSYBOX, ['ip', ...args], { stdio: 'pipe' });
}
