import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { reasonOf } from '@lastgood/core/model/error.ts';

/** In Go's words. */
const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or directory',
  EACCES: 'permission denied',
};

/**
 * The problem of the first path that cannot be read, with the reason. Like the reloaders, lastgood exits
 * for it, so that it shows when the pod starts. Never rejects.
 */
export async function findUnreadable(
  watched: readonly { readonly path: string; readonly problem: string }[],
): Promise<string | undefined> {
  for (const { path, problem } of watched) {
    try {
      await access(path, constants.R_OK);
    } catch (thrown) {
      const reason = reasonOf(thrown);
      return `${problem}: ${REASONS[reason] ?? reason}`;
    }
  }
  return undefined;
}
