import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Pointer, Position } from './format.ts';
import { formatNamed, formatOfPath } from './formats.ts';
import { json } from './json.ts';
import { yaml } from './yaml.ts';

test('the name of a file says its format, and what is not known is text', () => {
  const names = [
    'a.yaml',
    'x/a.yml',
    'A.YAML',
    'a.json',
    'a.txt',
    'password',
    '.yaml',
    'a.json.gz',
  ];
  assert.deepEqual(
    names.map((name) => formatOfPath(name).name),
    ['yaml', 'yaml', 'yaml', 'json', 'text', 'text', 'text', 'text'],
  );
  assert.equal(formatNamed('json'), json);
});

const plainData = fc.jsonValue({ depthSize: 'large', maxDepth: 6 }).filter((value) => {
  return !JSON.stringify(value).includes('__proto__') && value !== '';
});

test('no text makes a format throw, and JSON that is accepted is what JSON.parse accepts', () => {
  const yamlish = fc.string({
    unit: fc.constantFrom(...'ab: -\n\t[]{}&*!|>\'"#%@`,?<~1.é😀\0'.split('')),
  });
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.string({ unit: 'binary' }), yamlish), (text) => {
      yaml.parse(text);
      const parsed = json.parse(text);
      if (parsed.ok) assert.deepEqual(parsed.documents[0]?.value, JSON.parse(text));
    }),
    { numRuns: 2000 },
  );
});

test('what JSON.stringify writes is read back by json and by yaml, indented or not', () => {
  fc.assert(
    fc.property(plainData, fc.constantFrom(0, 2), (value, indent) => {
      const text = JSON.stringify(value, null, indent);
      for (const format of [json, yaml]) {
        const parsed = format.parse(text);
        assert.ok(parsed.ok, `${format.name}: ${JSON.stringify(parsed)}`);
        assert.deepEqual(parsed.documents[0]?.value, JSON.parse(text));
      }
    }),
  );
});

test('every value of a document is located where its text stands, in json and in yaml', () => {
  fc.assert(
    fc.property(plainData, (value) => {
      const text = JSON.stringify(value, null, 2);
      for (const format of [json, yaml]) {
        const parsed = format.parse(text);
        const document = parsed.ok ? parsed.documents[0] : undefined;
        assert.ok(document);
        for (const [pointer, inner] of scalarsIn(JSON.parse(text), [])) {
          const rest = textAt(text, document.locate(pointer, 'value'));
          assert.ok(rest.startsWith(JSON.stringify(inner)), `${format.name} /${pointer.join('/')}`);
        }
      }
    }),
  );
});

function textAt(text: string, { line, column }: Position): string {
  return text.split('\n')[line - 1]?.slice(column - 1) ?? '';
}

function scalarsIn(value: unknown, pointer: Pointer): (readonly [Pointer, unknown])[] {
  if (typeof value !== 'object' || value === null) return [[pointer, value]];
  if (Array.isArray(value))
    return value.flatMap((inner, index) => scalarsIn(inner, [...pointer, index]));
  return Object.entries(value).flatMap(([key, inner]) => scalarsIn(inner, [...pointer, key]));
}
