import type { Issue as CoreIssue } from '@lastgood/core/model/issue.ts';
import type { Pointer, ValuePath } from '@lastgood/core/model/pointer.ts';

/** One problem in the document, before its line is known. */
export type Issue = CoreIssue<ValuePath>;

/** The usual issue: a value breaks a rule. The message starts with its path. */
export function invalid(pointer: Pointer, rule: string): Issue {
  const args = [`${formatPath(pointer)} ${rule}`];
  return { code: 'LG_SETTINGS_INVALID', args, at: { pointer, part: 'value' } };
}

/** A path as messages show it: `bundles[0].confirm.within`. */
function formatPath(path: Pointer): string {
  if (path.length === 0) return 'the file';
  return path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${part}`))
    .join('')
    .replace(/^\./, '');
}
