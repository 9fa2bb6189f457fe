import { EVENT_ID, type Event, SCALAR_STYLE, type ScalarEvent } from 'js-yaml';
import type { Issue } from '../model/issue.ts';
import { MISTAKABLE, nameCharacter } from './invisible-characters.ts';
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
 * Warnings of characters that make a key or plain text another one than it seems: a line indented with
 * no-break spaces is not in the mapping above it, and is valid YAML. Quoted and block texts are data.
 */
export function characterIssues(text: string, events: readonly Event[]): readonly Issue[] {
  if (!MISTAKABLE.test(text)) return [];
  const open: { readonly isMapping: boolean; count: number }[] = [];
  const issues: Issue[] = [];
  for (const event of events) {
    if (event.type === EVENT_ID.POP) open.pop();
    else {
      const parent = open.at(-1);
      const isKey = parent?.isMapping === true && parent.count % 2 === 0;
      if (parent !== undefined) parent.count += 1;
      if (event.type === EVENT_ID.SCALAR) issues.push(...issueIn(text, event, isKey));
      else if (event.type !== EVENT_ID.ALIAS)
        open.push({ isMapping: event.type === EVENT_ID.MAPPING, count: 0 });
    }
  }
  return issues;
}

function issueIn(text: string, scalar: ScalarEvent, isKey: boolean): readonly Issue[] {
  const { valueStart, valueEnd, style } = scalar;
  if (valueStart === -1 || (!isKey && style !== SCALAR_STYLE.PLAIN)) return [];
  const written = text.slice(valueStart, valueEnd);
  const found = (isKey ? IN_KEY : IN_PLAIN_TEXT).exec(written);
  if (found === null) return [];
  const what = isKey ? 'key' : 'text';
  const message = `${nameCharacter(found[0])} is part of the ${what}: blank to people, not to YAML`;
  return [dialectIssue(message, valueStart + found.index)];
}
