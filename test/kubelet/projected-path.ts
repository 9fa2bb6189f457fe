import { posix } from 'node:path';
import { VolumeRefusal } from './refusal.ts';

const MAX_PATH_BYTES = 4096;
const MAX_NAME_BYTES = 255;

/**
 * The path inside a volume without `./`, `//` and a trailing slash. Throws a {@link VolumeRefusal}
 * for a path that leaves the volume or begins with two dots, which the kubelet keeps for itself.
 * Source: kubelet pkg/volume/util/atomic_writer.go, `validatePath`.
 */
export function cleanPath(path: string): string {
  const fault = faultOf(path);
  if (fault !== undefined) throw new VolumeRefusal([`invalid path: ${fault}: ${path}`]);
  return posix.normalize(path).replace(/\/$/, '');
}

function faultOf(path: string): string | undefined {
  const names = path.split('/');
  if (path === '') return 'must not be empty';
  if (posix.isAbsolute(path)) return 'must be relative path';
  if (Buffer.byteLength(path) > MAX_PATH_BYTES) {
    return `must be less than or equal to ${MAX_PATH_BYTES} characters`;
  }
  if (names.includes('..')) return "must not contain '..'";
  if (names.some((name) => Buffer.byteLength(name) > MAX_NAME_BYTES)) {
    return `filenames must be less than or equal to ${MAX_NAME_BYTES} characters`;
  }
  return path.startsWith('..') ? "must not start with '..'" : undefined;
}

/** The name in the root of the volume that leads to a path: `model` for `model/config.yaml`. */
export function topOf(path: string): string {
  const slash = path.indexOf('/');
  return slash === -1 ? path : path.slice(0, slash);
}

/** A path and the directories above it: `a/b/c` gives `a`, `a/b` and `a/b/c`. */
export function withParents(path: string): string[] {
  const names = path.split('/');
  return names.map((_, index) => names.slice(0, index + 1).join('/'));
}
