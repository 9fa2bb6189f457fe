import { endOfTomlString } from './toml-positions.ts';

/** A comment, the start of a text, or a time with more digits of a second than nanoseconds, and its zone. */
const TOKEN =
  /#[^\n]*|["']|(?<kept>(?<!\d)\d\d:\d\d:\d\d\.\d{9})(?<extra>\d+)(?<zone>[Zz]|[+-]\d\d:\d\d)?/g;

/**
 * The text with times cut to nanoseconds, as TOML asks of a reader with a lower precision. Blanks keep
 * the length, so that positions stay right. The text may have any mistake.
 */
export function withShortTimes(text: string): string {
  if (!/:\d\d\.\d{10}/.test(text)) return text;
  const pieces: string[] = [];
  let done = 0;
  TOKEN.lastIndex = 0;
  for (let found = TOKEN.exec(text); found !== null; found = TOKEN.exec(text)) {
    const { kept, extra = '', zone = '' } = found.groups ?? {};
    if (/["']/.test(found[0][0] ?? '')) TOKEN.lastIndex = endOfTomlString(text, found.index);
    if (kept === undefined) continue;
    pieces.push(text.slice(done, found.index), kept, zone, ' '.repeat(extra.length));
    done = TOKEN.lastIndex;
  }
  return [...pieces, text.slice(done)].join('');
}
