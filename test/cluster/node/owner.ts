import { readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseStat } from '../../../sidecar/src/io/process/proc-stat.ts';

/** Where a node notes the process it ends with. */
const RECORD = 'owner';

/** Notes in the directory of a node which process it ends with. */
export function writeOwner(dir: string, pid = process.pid): void {
  writeFileSync(join(dir, RECORD), describe(pid) ?? '');
}

/**
 * Whether the process of a node has ended. False for a directory without a note, and for one from another
 * namespace, such as a container that shares the directory: its processes cannot be seen from here.
 */
export function isOwnerDead(dir: string): boolean {
  const owner = readText(join(dir, RECORD));
  const [namespace, pid] = owner.split(' ');
  return pid !== undefined && namespace === readNamespace() && describe(Number(pid)) !== owner;
}

/** With the start, because a number may be used again. Undefined for a process that has ended. */
function describe(pid: number): string | undefined {
  const stat = parseStat(readText(`/proc/${pid}/stat`));
  return stat?.startTicks ? `${readNamespace()} ${pid} ${stat.startTicks}` : undefined;
}

function readNamespace(): string {
  return readlinkSync('/proc/self/ns/pid');
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
