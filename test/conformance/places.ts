import assert from 'node:assert/strict';
import type { Position } from '@lastgood/core/formats/format.ts';
import type { Finding } from '@lastgood/core/model/finding.ts';

/** What a line may end with, in every format. */
const LINE_END = /\r\n|\n|\r/g;

/**
 * Gives the offset of a place in a text. It fails unless an editor could go there: the end of a line
 * is a place, too.
 */
export function createOffsets(text: string): (position: Partial<Position>) => number {
  const starts = [0, ...text.matchAll(LINE_END).map((end) => end.index + end[0].length)];
  const lengths = text.split(LINE_END).map((line) => line.length);
  return ({ line = 0, column = 0 }) => {
    const length = lengths[line - 1] ?? -1;
    assert.ok(column >= 1 && column <= length + 1, `no column ${column} in line ${line}`);
    return (starts[line - 1] ?? 0) + column - 1;
  };
}

/** Fails unless there are findings, and each has a place inside the text. */
export function assertLocated(findings: readonly Finding[], text: string): void {
  assert.notEqual(findings.length, 0);
  const offsetOf = createOffsets(text);
  for (const { location } of findings) offsetOf(location ?? {});
}
