import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { reasonOf } from '@lastgood/core/model/error.ts';

/** In Go's words. */
const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or directory',
  EACCES: 'permission denied',
};

/** Why a file or directory cannot be read; undefined if it can. Never rejects. */
export async function readProblem(path: string): Promise<string | undefined> {
  try {
    await access(path, constants.R_OK);
    return undefined;
  } catch (thrown) {
    const reason = reasonOf(thrown);
    return REASONS[reason] ?? reason;
  }
}
