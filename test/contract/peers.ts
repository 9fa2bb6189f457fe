import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** The reloaders that people run today. */
export type PeerName = 'configmap-reload' | 'prometheus-config-reloader';

/** Where `npm run setup:peers` puts what it can install. */
export const PEERS_DIR = join(import.meta.dirname, '../../node_modules/.lastgood-programs/bin');

/** The real program: where an environment variable says, on the PATH, or where it was installed. */
export function findPeer(name: PeerName): string | undefined {
  const named = process.env[`LASTGOOD_PEER_${name.toUpperCase().replaceAll('-', '_')}`];
  if (named) return named;
  const dirs = [...(process.env.PATH ?? '').split(delimiter).filter(Boolean), PEERS_DIR];
  return dirs.map((dir) => join(dir, name)).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
