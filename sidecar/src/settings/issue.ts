import type { ErrorCode } from '@lastgood/core/model/error-codes.ts';
import type { Part, Pointer } from '@lastgood/core/model/pointer.ts';

/** Keys and indexes from the top of the document: `['bundles', 0, 'name']`. */
export type Path = Pointer;

/** One problem in the document, before its line is known. */
export interface Issue {
  readonly code: ErrorCode;
  /** Fill in the message of the code. */
  readonly args: readonly unknown[];
  readonly path: Path;
  /** Whether the key or the value at the end of the path is wrong. */
  readonly part: Part;
}

/** The usual issue: the value at a path breaks a rule. The message starts with the path. */
export function invalid(path: Path, rule: string): Issue {
  const args = [`${formatPath(path)} ${rule}`];
  return { code: 'LG_SETTINGS_INVALID', args, path, part: 'value' };
}

/** A path as messages show it: `bundles[0].confirm.within`. */
function formatPath(path: Path): string {
  if (path.length === 0) return 'the file';
  return path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${part}`))
    .join('')
    .replace(/^\./, '');
}
