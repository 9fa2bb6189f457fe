import type { VolumeSettings } from '@lastgood/core/model/volume-settings.ts';
import { patternsOf } from '../secret-globs.ts';

/**
 * Editors and desktops leave these beside the files, and each would be a version. The directories are of a
 * project whose top has the configuration.
 */
const LEFT_OUT = [
  ...['**/*~', '**/.*.sw?', '**/4913', '**/.#*', '**/#*#', '**/.DS_Store'],
  ...['**/.git', '**/node_modules'],
];

/**
 * The volumes of a directory: one, and a second one of its secret files, if there are any.
 *
 * @param secret - globs of files, or of directories with all that is in them
 */
export function volumesOf(path: string, secret: readonly string[]): readonly VolumeSettings[] {
  const globs = secret.flatMap(patternsOf);
  const open = { path, at: '.', include: ['**'], exclude: [...LEFT_OUT, ...globs], secret: false };
  if (globs.length === 0) return [open];
  return [open, { ...open, include: globs, exclude: LEFT_OUT, secret: true }];
}
