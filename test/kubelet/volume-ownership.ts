import { chmodSync, lchownSync, lstatSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const READ_ONLY = 0o440;
const READ_WRITE = 0o660;
const ENTER = 0o110;
const SETGID = 0o2000;
const PERMISSIONS = 0o7777;

/** Only root may give a file away; without it the modes are still what the kubelet sets. */
export const canChown = (): boolean => process.getuid?.() === 0;

/**
 * Gives a whole volume to the pod's `fsGroup`: files become group-readable (`|0440`, or `|0660` for
 * an emptyDir), directories also setgid and enterable, links only change their group.
 * Source: kubelet pkg/volume/volume_linux.go, `changeFilePermission`.
 */
export function setVolumeOwnership(
  path: string,
  fsGroup: number,
  access: 'read-only' | 'read-write' = 'read-only',
): void {
  const found = lstatSync(path);
  if (canChown()) lchownSync(path, found.uid, fsGroup);
  // A chmod would pass through the link and undo the mode of the file behind it.
  if (found.isSymbolicLink()) return;
  const shared = access === 'read-only' ? READ_ONLY : READ_WRITE;
  const added = found.isDirectory() ? shared | ENTER | SETGID : shared;
  chmodSync(path, (found.mode & PERMISSIONS) | added);
  if (!found.isDirectory()) return;
  for (const name of readdirSync(path)) setVolumeOwnership(join(path, name), fsGroup, access);
}

/**
 * Makes the root directory of a volume when it is missing, open to every user of the pod, as the
 * emptyDir that the kubelet wraps each projected volume in.
 * Source: kubelet pkg/volume/emptydir/empty_dir.go.
 */
export function makeVolumeRoot(dir: string, fsGroup?: number): void {
  if (mkdirSync(dir, { recursive: true }) === undefined) return;
  chmodSync(dir, 0o777);
  if (fsGroup !== undefined) setVolumeOwnership(dir, fsGroup, 'read-write');
}
