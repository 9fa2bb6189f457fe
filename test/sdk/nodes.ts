/** The versions of Node.js that the package is tested on, beside the one of this repository. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** Where `setup.ts` installs them. */
export const NODES_DIR = join(import.meta.dirname, '../../node_modules/.lastgood-nodes');

export const OLDER_NODES = ['22.3.0', '22.23.3', '24.21.0'] as const;

/** Runs neither the package nor `require` of an ES module. */
export const TOO_OLD_NODE = '20.16.0';

export const INSTALLED_NODES = [...OLDER_NODES, TOO_OLD_NODE] as const;

export type OlderNode = (typeof INSTALLED_NODES)[number];

export function programOf(node: OlderNode | 'this'): string {
  if (node === 'this') return process.execPath;
  return join(NODES_DIR, `node_modules/node-${node}/bin/node`);
}

/** Why it cannot run here; undefined if it can. */
export function faultOf(node: OlderNode): string | undefined {
  return existsSync(programOf(node)) ? undefined : `Node.js ${node} is not installed here`;
}
