import { matchAt } from './lines.ts';
import type { SourceNode } from './source-node.ts';
import { readTomlPositions } from './toml-positions.ts';

/** A date or time with more digits of a second than nanoseconds, and the zone behind them. */
const LONG_TIME =
  /(?<kept>(?:\d{4}-\d\d-\d\d[Tt ])?\d\d:\d\d:\d\d\.\d{9})(?<extra>\d+)(?<zone>[Zz]|[+-]\d\d:\d\d)?/y;

/**
 * The text with times cut to nanoseconds, as TOML asks of a reader with a lower precision. Blanks keep
 * the length, so that positions stay right. The text itself if it has no such time.
 */
export function withShortTimes(text: string): string {
  if (!/:\d\d\.\d{10}/.test(text)) return text;
  const pieces: string[] = [];
  let done = 0;
  for (const offset of scalarsOf(readTomlPositions(text))) {
    const { kept = '', extra = '', zone = '' } = matchAt(LONG_TIME, text, offset)?.groups ?? {};
    if (extra === '') continue;
    pieces.push(text.slice(done, offset), kept, zone, ' '.repeat(extra.length));
    done = offset + kept.length + extra.length + zone.length;
  }
  return [...pieces, text.slice(done)].join('');
}

/** The offsets of all scalars, in the order of the text: only these are no part of a text or comment. */
function scalarsOf(root: SourceNode): readonly number[] {
  const offsets: number[] = [];
  const open = [root];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (node.kind === 'scalar') offsets.push(node.offset);
    for (const child of node.children.values()) open.push(child);
  }
  return offsets.sort((a, b) => a - b);
}
