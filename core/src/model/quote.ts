import { truncate } from './truncate.ts';

/** Content without quotes, on one line: no control character reaches a terminal or a log. */
export function printable(content: string): string {
  return truncate(content.replaceAll(/\p{Cc}/gu, '?'));
}

/** Content in double quotes, with escapes, on one line. */
export function quote(content: string): string {
  return JSON.stringify(truncate(content)).replaceAll(/\p{Cc}/gu, '?');
}
