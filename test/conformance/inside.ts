import assert from 'node:assert/strict';
import type { Position } from '../../sidecar/src/formats/format.ts';
import type { Finding } from '../../sidecar/src/verdict.ts';

/** The lines of a text, without what ends them. */
export function linesOf(text: string): readonly string[] {
  return text.split(/\r\n|\n|\r/);
}

/** Fails unless an editor could go to the place: the end of a line is one, also of the last. */
export function assertInside({ line, column }: Partial<Position>, lines: readonly string[]): void {
  const length = lines[(line ?? 0) - 1]?.length ?? -1;
  assert.ok(column !== undefined && column >= 1 && column <= length + 1, `${line}:${column}`);
}

/** Fails unless there are findings, and each has a place inside the text. */
export function assertLocated(findings: readonly Finding[], text: string): void {
  assert.notEqual(findings.length, 0);
  const lines = linesOf(text);
  for (const { location } of findings) assertInside(location ?? {}, lines);
}
