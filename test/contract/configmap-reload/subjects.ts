import { join } from 'node:path';
import { findPeer } from '../peers.ts';

/** A program to test with the contract. */
export interface Subject {
  readonly name: 'lastgood' | 'configmap-reload';
  /** The command that its flags are added to. */
  readonly command: readonly [string, ...string[]];
}

const MAIN = join(import.meta.dirname, '../../../sidecar/src/main.ts');

export const LASTGOOD: Subject = { name: 'lastgood', command: [process.execPath, MAIN] };

const peer = findPeer('configmap-reload');

/** The program that is replaced, where there is one. No registry has it, so nothing here installs it. */
export const PEER: Subject | undefined =
  peer === undefined ? undefined : { name: 'configmap-reload', command: [peer] };

export const SUBJECTS: readonly Subject[] = PEER === undefined ? [LASTGOOD] : [LASTGOOD, PEER];
