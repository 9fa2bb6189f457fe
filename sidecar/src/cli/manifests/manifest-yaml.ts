import type { Position } from '@lastgood/core/formats/format.ts';
import { createLines } from '@lastgood/core/formats/lines.ts';
import { readEvents } from '@lastgood/core/formats/yaml-events.ts';
import type { Event } from 'js-yaml';

/** A manifest as its parser has read it, for what its values do not show. */
export interface ManifestYaml {
  /** The events are about this text, which may have more blanks than the file. */
  readonly text: string;
  readonly events: readonly Event[];
  /** The position in the file of an offset in the text. */
  positionOf(offset: number): Position;
}

/** Reads a manifest in YAML; undefined if it is not valid. */
export function readManifestYaml(written: string): ManifestYaml | undefined {
  const read = readEvents(written);
  if ('issue' in read) return undefined;
  const { source, events } = read;
  const positionOf = createLines(written);
  return { text: source.text, events, positionOf: (at) => positionOf(source.originalOffset(at)) };
}

/** A position as the key of a map. */
export function nameOf({ line, column }: Position): string {
  return `${line}:${column}`;
}
