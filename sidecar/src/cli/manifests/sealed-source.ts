import { offsetOfScalar } from '@lastgood/core/formats/yaml-nodes.ts';
import { EVENT_ID } from 'js-yaml';
import type { SourceText } from '../report/report.ts';
import { nameOf, readManifestYaml } from './manifest-yaml.ts';
import type { Manifests } from './manifests.ts';
import { textAt } from './objects.ts';
import { mayHoldCredential, type PlainSecret, plainSecretsIn } from './plain-secrets.ts';
import { podsOf } from './pods.ts';

/** Annotations that repeat what is, or was, in other parts of the object. */
const COPIES = ['kubectl.kubernetes.io/last-applied-configuration', 'lastgood.dev/undo'];

/** The text of manifests, of which no report shows a line that may hold a secret (P8). */
export function sealedSource(manifests: Manifests): SourceText {
  const { text, isSealed } = manifests.source;
  const lines = text.split(/\r\n|\n|\r/);
  const sealed = linesOf(plainSecretsIn(podsOf(manifests), manifests.configs), text);
  return {
    text,
    isSealed: (line) =>
      isSealed(line) || sealed.has(line) || mayHoldCredential(lines[line - 1] ?? ''),
  };
}

/** The lines of the values, and those of their copies. */
function linesOf(secrets: readonly PlainSecret[], text: string): ReadonlySet<number> {
  const sealed = new Set<number>();
  if (secrets.length === 0) return sealed;
  const ranges = readRanges(text);
  for (const { object, at } of secrets) {
    const copies = COPIES.map((name) => ['metadata', 'annotations', name]);
    const there = copies.filter((each) => textAt(object.value, each) !== undefined);
    for (const pointer of [at, ...there]) {
      const position = object.locate(pointer);
      sealed.add(position.line);
      const { first, last } = ranges.get(nameOf(position)) ?? NO_LINES;
      for (let line = first; line <= last; line++) sealed.add(line);
    }
  }
  return sealed;
}

interface Lines {
  readonly first: number;
  readonly last: number;
}

const NO_LINES: Lines = { first: 0, last: -1 };

/** The lines of each scalar by its position, by that of its key, and by that of its alias. */
function readRanges(written: string): ReadonlyMap<string, Lines> {
  const ranges = new Map<string, Lines>();
  const anchors = new Map<string, Lines>();
  const yaml = readManifestYaml(written);
  if (yaml === undefined) return ranges;
  const { text, events, positionOf } = yaml;
  let before: string | undefined;
  for (const event of events) {
    const key = before;
    before = undefined;
    if (event.type === EVENT_ID.ALIAS) {
      const lines = anchors.get(text.slice(event.anchorStart, event.anchorEnd));
      if (lines !== undefined) ranges.set(nameOf(positionOf(event.anchorStart - 1)), lines);
    }
    const start = event.type === EVENT_ID.SCALAR ? offsetOfScalar(event) : undefined;
    if (event.type !== EVENT_ID.SCALAR || start === undefined) continue;
    before = nameOf(positionOf(start));
    // A block ends behind the line break of its last line.
    const last = Math.max(start, event.valueEnd - 1);
    const lines = { first: positionOf(start).line, last: positionOf(last).line };
    ranges.set(before, lines);
    // The place of a block is that of its key.
    if (key !== undefined) ranges.set(key, lines);
    anchors.set(text.slice(event.anchorStart, event.anchorEnd), lines);
  }
  return ranges;
}
