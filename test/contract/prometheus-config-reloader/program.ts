/** The programs that the cases run against: lastgood always, and the real one where it is found. */
import { join } from 'node:path';
import { findPeer } from '../peers.ts';

const NAME = 'prometheus-config-reloader';

const ROOT = join(import.meta.dirname, '../../..');

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
  const found = findPeer(NAME);
  return found === undefined ? [] : [{ name: NAME, command: [found] }];
}
