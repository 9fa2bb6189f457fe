import type { Part, Pointer } from '@lastgood/core/formats/format.ts';
import type { ErrorCode } from '@lastgood/core/model/error-codes.ts';

/** Keys and indexes from the top of the document: `['bundles', 0, 'name']`. */
export type Path = Pointer;

/** One thing that is wrong with the document, before its line is known. */
export interface Complaint {
  readonly code: ErrorCode;
  /** Of the code's message. */
  readonly args: readonly unknown[];
  readonly path: Path;
  /** Which end of the path's last part is wrong. */
  readonly part: Part;
}

/** The usual complaint: the value at a path breaks a rule. The message starts with the path. */
export function invalid(path: Path, rule: string): Complaint {
  return {
    code: 'LG_SETTINGS_INVALID',
    args: [`${pathText(path)} ${rule}`],
    path,
    part: 'value',
  };
}

/** Keys as messages list them: `"url", "path"`. */
export function namesOf(keys: readonly string[]): string {
  return keys.map((key) => `"${key}"`).join(', ');
}

/** A path as messages name it: `bundles[0].confirm.within`. */
function pathText(path: Path): string {
  if (path.length === 0) return 'the file';
  return path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${part}`))
    .join('')
    .replace(/^\./, '');
}

/** What stands at a path of a plain value; undefined when nothing does. */
export function valueAt(root: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (value, part) =>
      typeof value === 'object' && value !== null && Object.hasOwn(value, part)
        ? (value as Record<string | number, unknown>)[part]
        : undefined,
    root,
  );
}
