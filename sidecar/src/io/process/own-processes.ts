import { basename, parse } from 'node:path';
import type { Process } from './process-table.ts';

/** The file that Node runs: of every lastgood with this image the same. Empty for `node --eval`. */
const [, PROGRAM = ''] = process.argv;

/** What the rules below need of a process. */
export type Command = Pick<Process, 'pid' | 'argv'>;

/**
 * Whether this is lastgood, here or in another container of the image. A command in the container of a
 * sidecar, such as doctor, sees the sidecar too.
 */
export function isLastgood(one: Command, program = PROGRAM): boolean {
  if (one.pid === process.pid) return true;
  return program !== '' && (one.argv.includes(program) || isLauncher(one, program));
}

/** What has Node as its child (`image/lastgood.c`): the first process of the image's container, or ours. */
function isLauncher({ pid, argv: [command = ''] }: Command, program: string): boolean {
  return (pid === 1 || pid === process.ppid) && basename(command) === parse(program).name;
}

/** It holds the namespaces of the pod. Sources: the images pause of Kubernetes, catatonit of Podman. */
export function isPause({ pid, argv: [program = '', first] }: Command): boolean {
  if (program === '/pause' || (program.endsWith('/catatonit') && first === '-P')) return true;
  return pid === 1 && (program === 'pause' || program.endsWith('/pause'));
}

/** In a shared namespace the first process is the pod's pause process. */
export function seesOnlyItsContainer(table: readonly Command[], program = PROGRAM): boolean {
  return table.some((one) => one.pid === 1 && isLastgood(one, program));
}
