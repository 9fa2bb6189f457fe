import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fc } from '../property.ts';

const CORPUS = join(import.meta.dirname, 'corpus');

/** The files in `corpus` with an extension. */
export function corpusOf(extension: string): readonly Buffer[] {
  return readdirSync(CORPUS)
    .filter((name) => name.endsWith(extension))
    .map((name) => readFileSync(join(CORPUS, name)));
}

/** What means something to one of the formats, or only looks like it. */
const TOKENS: readonly string[] = [
  ...['\t', ' ', '  ', '\n', '\r\n', '\r', '\0', '\u0085', '\u2028', '\uFEFF', '\u00a0', '😀'],
  ...[': ', ':', '- ', '-', '? ', '{', '}', '[', ']', ',', '"', "'", '#', ' #', '|', '>', '|-\n'],
  ...[
    '&a ',
    '*a',
    '&model ',
    '*model',
    '<<: ',
    '<<: *model',
    '!!str ',
    '!!int ',
    '! ',
    '!x ',
    '!<',
  ],
  ...['---\n', '...\n', '%YAML 1.1\n', '%TAG ! a:\n', '@', '`', '\\', '\\u12', '\\x', '//', '/*'],
  ...['null', '~', 'true', 'no', '-0', '.5', '1.', '+1', '0o17', '017', '0b1', '1_000', '1e999'],
  ...['.nan', '"__proto__"', '__proto__: 1', 'constructor', '"":', '[[[[', ']]]]', '{{', '}}'],
  ...['"a": 1,', 'a: 1\n', '>+1\n'],
];

interface Edit {
  readonly kind: 'flip' | 'delete' | 'repeat' | 'insert' | 'splice';
  readonly at: number;
  readonly length: number;
  readonly from: number;
  readonly token: string;
}

const edit: fc.Arbitrary<Edit> = fc.record({
  kind: fc.constantFrom('flip', 'delete', 'repeat', 'insert', 'splice'),
  at: fc.nat(),
  length: fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 60 })),
  from: fc.nat(),
  token: fc.constantFrom(...TOKENS),
});

/** Files of a corpus after a few slips of a hand, an editor or a network; some after none. */
export function mutatedOf(corpus: readonly Buffer[]): fc.Arbitrary<Buffer> {
  const file = fc.constantFrom(...corpus);
  return fc
    .tuple(file, file, fc.array(edit, { maxLength: 4 }))
    .map(([start, other, edits]) =>
      edits.reduce((bytes, each) => edited(bytes, each, other), start),
    );
}

function edited(bytes: Buffer, { kind, at, length, from, token }: Edit, other: Buffer): Buffer {
  const start = at % (bytes.length + 1);
  const before = bytes.subarray(0, start);
  const slice = bytes.subarray(start, start + length);
  const after = bytes.subarray(start + length);
  switch (kind) {
    case 'flip':
      return Buffer.concat([before, slice.map((byte) => byte ^ (1 << (from % 8))), after]);
    case 'delete':
      return Buffer.concat([before, after]);
    case 'repeat':
      return Buffer.concat([before, slice, slice, after]);
    case 'insert':
      return Buffer.concat([before, Buffer.from(token), slice, after]);
    case 'splice':
      return Buffer.concat([
        before,
        other.subarray(from % other.length).subarray(0, length),
        after,
      ]);
  }
}

/** Random bytes, texts and heaps of tokens that look nothing like a configuration. */
export const anyBytes: fc.Arbitrary<Buffer> = fc.oneof(
  fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array)),
  fc.string({ unit: 'binary', maxLength: 200 }).map((text) => Buffer.from(text)),
  fc.array(fc.constantFrom(...TOKENS), { maxLength: 30 }).map((all) => Buffer.from(all.join(''))),
);
