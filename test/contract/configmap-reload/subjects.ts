import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** A program that is held against the contract. */
export interface Subject {
  readonly name: 'lastgood' | 'configmap-reload';
  /** The command that its flags are added to. */
  readonly command: readonly [string, ...string[]];
}

const MAIN = join(import.meta.dirname, '../../../sidecar/src/main.ts');

export const LASTGOOD: Subject = { name: 'lastgood', command: [process.execPath, MAIN] };

/**
 * The program that is replaced, where there is one: at `LASTGOOD_PEER_CONFIGMAP_RELOAD`, or on the
 * PATH. It is no package of any registry, so nothing here installs it.
 */
export const PEER: Subject | undefined = peerAt(
  process.env.LASTGOOD_PEER_CONFIGMAP_RELOAD ?? onPath('configmap-reload'),
);

export const SUBJECTS: readonly Subject[] = PEER === undefined ? [LASTGOOD] : [LASTGOOD, PEER];

function peerAt(path: string | undefined): Subject | undefined {
  return path === undefined ? undefined : { name: 'configmap-reload', command: [path] };
}

function onPath(program: string): string | undefined {
  const directories = (process.env.PATH ?? '').split(delimiter).filter((each) => each !== '');
  return directories.map((directory) => join(directory, program)).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
