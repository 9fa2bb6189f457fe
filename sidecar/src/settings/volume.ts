import * as z from 'zod/mini';
import { key } from './mapping.ts';
import { absolutePath, glob, insidePath, listOf } from './values.ts';

/** One entry of `volumes`; the type is in core, because capture works with it. */
export const volumeSchema = z.strictObject({
  path: key(
    'Absolute path of the directory or file, as mounted in the container of lastgood.',
    absolutePath,
  ),
  at: key('Directory of its files inside the snapshot; `.` is the top.', insidePath, '.'),
  include: key('Globs of the files to include.', listOf(glob, 1), ['**']),
  exclude: key('Globs of the files to leave out.', listOf(glob), []),
  secret: key('Its values are secret: lastgood never shows them.', z.boolean(), false),
});
