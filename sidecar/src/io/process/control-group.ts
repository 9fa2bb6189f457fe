import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { tryTo } from '@lastgood/core/model/try-to.ts';

/** Reads a file of the system; undefined if it is not there. */
export type ReadSystemFile = (path: string) => string | undefined;

export function readSystemFile(path: string): string | undefined {
  return tryTo(() => readFileSync(path, 'utf8'));
}

/**
 * The path of the first of these files in the control group of this process, of version 2 or 1. In a
 * container the group often has its name on the machine, but is mounted as the root.
 */
export function findGroupFile(
  controller: 'cpu' | 'memory',
  names: readonly string[],
  read: ReadSystemFile,
): string | undefined {
  const groups = read('/proc/self/cgroup') ?? '';
  const [, unified = '/'] = /^0::(.*)$/m.exec(groups) ?? [];
  const own = new RegExp(`^\\d+:(?:\\S+,)?${controller}(?:,\\S+)?:(.*)$`, 'm').exec(groups)?.[1];
  const old = `/sys/fs/cgroup/${controller}`;
  const directories = [
    join('/sys/fs/cgroup', unified),
    '/sys/fs/cgroup',
    join(old, own ?? ''),
    old,
  ];
  const paths = directories.flatMap((directory) => names.map((name) => join(directory, name)));
  return paths.find((path) => read(path) !== undefined);
}
