import assert from 'node:assert/strict';
import type { Document } from '@lastgood/core/formats/format.ts';
import type { Part, Pointer } from '@lastgood/core/model/pointer.ts';
import { createOffsets } from './places.ts';

const TOKEN = /"(?:[^"\\]|\\.)*"|[-+.\w]+|[[{]/y;

/** Fails unless each value of a file, and each key, is located where its own text is. */
export function assertJsonPlaces(documents: readonly Document[], text: string): void {
  for (const document of documents) assertPlaces(document, text);
}

function assertPlaces({ locate, value: root }: Document, text: string): void {
  const offsetOf = createOffsets(text);
  const tokenAt = (pointer: Pointer, part: Part) => {
    TOKEN.lastIndex = offsetOf(locate(pointer, part));
    return TOKEN.exec(text)?.[0] ?? '';
  };
  const visit = (value: unknown, pointer: Pointer) => {
    const token = tokenAt(pointer, 'value');
    if (typeof value !== 'object' || value === null) {
      assert.deepEqual(JSON.parse(token), value);
      return;
    }
    assert.equal(token, Array.isArray(value) ? '[' : '{');
    for (const [key, inner] of Object.entries(value)) visit(inner, [...pointer, key]);
    if (Array.isArray(value)) return;
    for (const key of Object.keys(value))
      assert.equal(JSON.parse(tokenAt([...pointer, key], 'key')), key);
  };
  visit(root, []);
}
