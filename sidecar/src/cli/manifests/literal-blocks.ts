import type { Position } from '@lastgood/core/formats/format.ts';
import { offsetOfScalar } from '@lastgood/core/formats/yaml-nodes.ts';
import { EVENT_ID, type Event, SCALAR_STYLE, type ScalarEvent } from 'js-yaml';
import { type ManifestYaml, nameOf } from './manifest-yaml.ts';

/** A text that is written with `|`: its lines are lines of the manifest. */
export interface LiteralBlock {
  /** The place in the manifest of a place in the text. */
  positionOf(inside: Position): Position;
}

/** Finds the literal block at a position of the manifest: that of its key, or in a list its own. */
export type BlockAt = (place: Position) => LiteralBlock | undefined;

/**
 * Every literal block of a manifest. For texts in quotes, with `>` or in base64, lines are
 * not lines of the manifest.
 */
export function literalBlocks({ text, events, positionOf }: ManifestYaml): BlockAt {
  const blocks = new Map<string, LiteralBlock>();
  const anchors = new Map<string, LiteralBlock>();
  let before: Event | undefined;
  for (const event of events) {
    if (event.type === EVENT_ID.DOCUMENT) anchors.clear();
    const anchor = anchorOf(text, event);
    const block = isLiteral(event)
      ? createBlock(text, event, positionOf)
      : event.type === EVENT_ID.ALIAS && anchors.get(anchor);
    if (block) {
      anchors.set(anchor, block);
      blocks.set(nameOf(positionOf(offsetOf(event))), block);
      // If the block is a value, the scalar right before it is its key.
      if (before?.type === EVENT_ID.SCALAR)
        blocks.set(nameOf(positionOf(offsetOfScalar(before) ?? 0)), block);
    }
    before = event;
  }
  return (place) => blocks.get(nameOf(place));
}

/** As positions of values are: that of an alias is at its `*`. */
function offsetOf(event: Event): number {
  if (event.type === EVENT_ID.ALIAS) return event.anchorStart - 1;
  return event.type === EVENT_ID.SCALAR ? (offsetOfScalar(event) ?? 0) : 0;
}

function anchorOf(text: string, event: Event): string {
  if (!('anchorStart' in event) || event.anchorStart === -1) return '';
  return text.slice(event.anchorStart, event.anchorEnd);
}

/** A block of blank lines has no indent. */
function isLiteral(event: Event): event is ScalarEvent {
  if (event.type !== EVENT_ID.SCALAR) return false;
  return event.style === SCALAR_STYLE.LITERAL_BLOCK && event.indent !== -1;
}

function createBlock(
  text: string,
  { valueStart, valueEnd, indent }: ScalarEvent,
  positionOf: (offset: number) => Position,
): LiteralBlock {
  const first = positionOf(valueStart).line;
  const written = text.slice(valueStart, valueEnd).replace(/(\r\n|\n|\r)$/, '');
  const end = positionOf(valueStart + written.length);
  return {
    positionOf: ({ line, column }) => {
      const outside = { line: first + line - 1, column: indent + column };
      // The end of the content is the end of its last line.
      return outside.line > end.line ? end : outside;
    },
  };
}
