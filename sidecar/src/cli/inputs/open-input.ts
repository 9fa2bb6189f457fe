import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { CommandContext } from '../command.ts';

/** The name of standard input in reports. */
export const STDIN = 'stdin';

/** The bytes of a file, and a path that shows its format. */
export type Opened = 'directory' | { readonly path: string; readonly bytes: Buffer };

/** Opens an argument of the command line: a file, or with `-` standard input. */
export async function openInput(
  name: string,
  { standardInput }: Pick<CommandContext, 'standardInput'>,
): Promise<Opened> {
  const stats = name === '-' ? undefined : await stat(name);
  if (stats?.isDirectory()) return 'directory';
  const bytes = stats === undefined ? await standardInput() : await readFile(name);
  // The name of a shell's `<(kustomize build .)` shows no format.
  if (stats !== undefined && !stats.isFIFO()) return { path: basename(name), bytes };
  return { path: `${STDIN}.${extensionOf(bytes)}`, bytes };
}

/** That of a manifest whose name shows no format. */
export function extensionOf(bytes: Buffer): 'json' | 'yaml' {
  return /^\s*[{[]/.test(bytes.toString('latin1', 0, 1024)) ? 'json' : 'yaml';
}
