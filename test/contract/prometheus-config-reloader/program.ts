/** The programs that the cases run against: lastgood always, and the real one where it is found. */
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const NAME = 'prometheus-config-reloader';

const ROOT = join(import.meta.dirname, '../../..');

/** Where `setup.ts` puts the real program. */
export const PEERS_DIR = join(ROOT, 'node_modules/.lastgood-programs/bin');

export interface Program {
  readonly name: 'lastgood' | typeof NAME;
  /** The program and what stands before its flags. */
  readonly command: readonly [string, ...string[]];
}

const LASTGOOD: Program = {
  name: 'lastgood',
  command: [process.execPath, join(ROOT, 'sidecar/src/main.ts')],
};

export const PROGRAMS: readonly Program[] = [LASTGOOD, ...peers()];

function peers(): readonly Program[] {
  const { LASTGOOD_PEER_PROMETHEUS_CONFIG_RELOADER: named, PATH = '' } = process.env;
  const places = [PEERS_DIR, ...PATH.split(delimiter)].map((dir) => join(dir, NAME));
  const found = named || places.find((path) => existsSync(path));
  return found === undefined ? [] : [{ name: NAME, command: [found] }];
}
