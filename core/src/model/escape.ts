/** Characters that forge a line, change the direction of text or are not seen at all. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** The same, without those that JSON escapes itself, or that separate its lines. */
const INVISIBLE_IN_JSON = /[\p{Cf}\p{Zl}\p{Zp}]/gu;

const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/**
 * A text from outside on one line, such as a file name or the reason of an app: a line break becomes
 * `\n`, an escape character `\u001b`. So it cannot forge a line of a log, or control a terminal.
 */
export function escapeInvisible(text: string): string {
  return text.replace(INVISIBLE, (character) => SHORT[character] ?? escapeUnits(character));
}

/** JSON with the same content, in which a person sees every character. */
export function escapeInvisibleInJson(json: string): string {
  return json.replace(INVISIBLE_IN_JSON, escapeUnits);
}

/** JSON has an escape for each UTF-16 unit only. */
function escapeUnits(character: string): string {
  return character
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('');
}

/** Each such character as a question mark, so that the columns stay. */
export function maskInvisible(text: string, except = ''): string {
  return text.replace(INVISIBLE, (character) => (except.includes(character) ? character : '?'));
}
