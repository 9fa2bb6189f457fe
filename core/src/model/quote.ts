import { maskInvisible } from './escape.ts';
import { truncate } from './truncate.ts';

/** Content without quotes, on one line: no control or invisible character reaches a terminal or a log. */
export function printable(content: string): string {
  return truncate(maskInvisible(content));
}

/** Content in double quotes, with escapes, on one line. */
export function quote(content: string): string {
  return maskInvisible(JSON.stringify(truncate(content)));
}
