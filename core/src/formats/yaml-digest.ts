import { EVENT_ID, getScalarValue, SCALAR_STYLE, type ScalarEvent } from 'js-yaml';
import { Merkle, TEXT } from './merkle.ts';
import { readEvents } from './yaml-events.ts';

/** Line breaks of YAML 1.1 alone: a comment that ends at one is followed by content. */
const OLD_LINE_BREAK = /[\u0085\u2028\u2029]/;

/** Plain scalars that mean the same to every reader. */
const SAME_FOR_ALL: ReadonlyMap<string, string> = new Map([
  ...['', '~', 'null', 'Null', 'NULL'].map((written) => [written, 'null'] as const),
  ...['true', 'True', 'TRUE'].map((written) => [written, 'true'] as const),
  ...['false', 'False', 'FALSE'].map((written) => [written, 'false'] as const),
]);

/**
 * Plain scalars that YAML 1.1 or 1.2 does not read as text: everything that looks like a number, a time or
 * a date, and some words. The same spelling means the same as before to each of them.
 *
 * Source: yaml.org/type, the types `bool`, `float`, `int`, `merge`, `timestamp` and `value`
 */
const NO_TEXT_TO_SOME =
  /^(?:[-+]?\.?\d.*|[-+]?\.(?:inf|nan)|y|n|yes|no|on|off|true|false|null|<<|=)$/is;

/** What a YAML text means, for readers of YAML 1.1 and of 1.2. Throws if it is not YAML. */
export function digestYaml(written: string): string {
  if (OLD_LINE_BREAK.test(written)) return written;
  const read = readEvents(written);
  if ('issue' in read) throw new SyntaxError('is not valid YAML');
  const { text } = read.source;
  const digest = new Merkle();
  const anchors = new Map<string, string>();
  /** The anchors of the open documents and collections. */
  const open: string[] = [];
  for (const event of read.events) {
    if (event.type === EVENT_ID.POP) remember(open.pop(), digest.end());
    else if (event.type === EVENT_ID.DOCUMENT) {
      anchors.clear();
      open.push('');
      digest.begin('list', JSON.stringify(event.directives));
    } else {
      const anchor = sliceOf(event.anchorStart, event.anchorEnd);
      if (event.type === EVENT_ID.ALIAS) digest.add(targetOf(anchor));
      else if (event.type === EVENT_ID.SCALAR) remember(anchor, addScalar(digest, text, event));
      else {
        open.push(anchor);
        const kind = event.type === EVENT_ID.MAPPING ? 'mapping' : 'list';
        digest.begin(kind, sliceOf(event.tagStart, event.tagEnd));
      }
    }
  }
  return digest.end();

  function sliceOf(start: number, end: number): string {
    return start === -1 ? '' : text.slice(start, end);
  }
  function remember(anchor: string | undefined, part: string): void {
    if (anchor !== undefined && anchor !== '') anchors.set(anchor, part);
  }
  function targetOf(anchor: string): string {
    const part = anchors.get(anchor);
    if (part === undefined) throw new RangeError('an alias of nothing, or in a cycle');
    return part;
  }
}

function addScalar(digest: Merkle, text: string, event: ScalarEvent): string {
  const value = event.valueStart === -1 ? '' : getScalarValue(text, event);
  if (event.tagStart !== -1)
    return digest.scalar(`t${text.slice(event.tagStart, event.tagEnd)} ${event.style} `, value);
  if (event.style !== SCALAR_STYLE.PLAIN) return digest.scalar(TEXT, value);
  const same = SAME_FOR_ALL.get(value);
  if (same !== undefined) return digest.scalar('p', same);
  return digest.scalar(NO_TEXT_TO_SOME.test(value) ? 'p' : TEXT, value);
}
