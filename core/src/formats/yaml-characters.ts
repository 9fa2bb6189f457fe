import { SCALAR_STYLE, type ScalarEvent } from 'js-yaml';
import type { Issue } from '../model/issue.ts';
import { nameCharacter } from './invisible-characters.ts';
import { dialectIssue } from './syntax-issues.ts';

/** In a key none is meant, but joiners between letters that are not Latin. */
const IN_KEY =
  /[\u00a0\u00ad\u2000-\u200b\u200e\u200f\u202f\u205f\u2060\u3000\ufeff]|(?<![^\0-\x7f])[\u200c\u200d]|[\u200c\u200d](?![^\0-\x7f])/;

/**
 * In plain text: a character that is not seen, or a wide blank where YAML expects a real one, at the
 * beginning or end of a line, or after a dash or a colon.
 */
const IN_PLAIN_TEXT =
  // The character first, so that what is before it is only read where there is one.
  /[\u00ad\u200b\u200e\u200f\u2060\ufeff]|[\u00a0\u2000-\u200a\u202f\u205f\u3000](?:(?<=^[ \t]*-?.|^[^\s:]*:.)|(?=[ \t]*$))/m;

/**
 * The warning of a character that makes a key or plain text another one than it seems: a line indented with
 * no-break spaces is not in the mapping above it, and is valid YAML. Quoted and block texts are data.
 */
export function characterIssue(
  text: string,
  { valueStart, valueEnd, style }: ScalarEvent,
  isKey: boolean,
): Issue | undefined {
  if (valueStart === -1 || (!isKey && style !== SCALAR_STYLE.PLAIN)) return undefined;
  const found = (isKey ? IN_KEY : IN_PLAIN_TEXT).exec(text.slice(valueStart, valueEnd));
  if (found === null) return undefined;
  const what = isKey ? 'key' : 'text';
  const message = `${nameCharacter(found[0])} is part of the ${what}: blank to people, not to YAML`;
  return dialectIssue(message, valueStart + found.index);
}
