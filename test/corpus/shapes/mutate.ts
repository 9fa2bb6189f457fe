import type { Random } from '../../rollout/random.ts';
import { below } from './words.ts';

/** What means something to one of the formats, or only looks like it. */
const TOKENS: readonly string[] = [
  ...[
    '\t',
    ' ',
    '  ',
    '\n',
    '\r\n',
    '\r',
    '\0',
    '\u0085',
    '\u2028',
    '\uFEFF',
    '\u00a0',
    '\u200b',
    '😀',
  ],
  ...[
    ': ',
    ':',
    '- ',
    '? ',
    '{',
    '}',
    '[',
    ']',
    ',',
    '"',
    "'",
    '#',
    ' #',
    ';',
    '|',
    '>',
    '=',
    '\\',
    '\\\n',
  ],
  ...[
    '&a ',
    '*a',
    '<<: ',
    '!!str ',
    '! ',
    '!x ',
    '---\n',
    '...\n',
    '%YAML 1.1\n',
    '@',
    '`',
    '\\u12',
    '//',
  ],
  ...[
    '/* c */',
    '// c\n',
    'null',
    '~',
    'no',
    '-0',
    '.5',
    '1.',
    '017',
    '1_000',
    '{{ x }}',
    '$',
    '$(x)',
    '%',
  ],
  ...[
    '"a": 1,',
    'a: 1\n',
    'a = 1\n',
    '[a]\n',
    '-----',
    '\n-----BEGIN X-----\n',
    '\n  ',
    '\n\t',
    ' = ',
    '""',
  ],
];

const LINE_ENDS = ['\r\n', '\r\n', '\r'];

/** What editors and hands do to a whole file, and what encodings there are. */
export function oddity(random: Random, text: string): Buffer {
  const kinds: readonly (() => Buffer)[] = [
    () => Buffer.from(text.replaceAll('\n', random.pick(LINE_ENDS))),
    () => Buffer.from(`\uFEFF${text}`),
    () => Buffer.from(text.replaceAll('\n', random.pick([' \n', '\t\n']))),
    () => Buffer.from(text.replaceAll(/^ {2}/gm, '\t')),
    () => Buffer.from(text.replaceAll(/[^\0-\xff]/g, '').replace(/[a-z]$/m, 'é'), 'latin1'),
    () => Buffer.from(`\uFEFF${text}`, 'utf16le'),
    () => Buffer.from(`\uFEFF${text}`, 'utf16le').swap16(),
    () => Buffer.from(text.trimEnd()),
    () => Buffer.from(`${text}${text}`),
    () => Buffer.from(''),
    () => Buffer.from('\n \n'),
    () => Buffer.from(text.replaceAll(/^ +/gm, (blanks) => blanks.replaceAll(' ', '\u00a0'))),
  ];
  return random.pick(kinds)();
}

/** A file after a few slips. */
export function mutated(random: Random, file: Buffer): Buffer {
  const once = edited(random, file);
  return random.chance(0.7) ? once : edited(random, once);
}

function edited(random: Random, bytes: Buffer): Buffer {
  const start = below(random, bytes.length + 1);
  const length = random.chance(0.5) ? 1 : 1 + below(random, 30);
  const slice = bytes.subarray(start, start + length);
  const [before, after] = [bytes.subarray(0, start), bytes.subarray(start + length)];
  const kinds: readonly (() => readonly Buffer[])[] = [
    () => [before, after],
    () => [before, slice, slice, after],
    () => [before, Buffer.from(random.pick(TOKENS)), slice, after],
    () => [before, Buffer.from(random.pick(TOKENS)), slice, after],
    () => [withoutLine(bytes, start)],
    () => [withLineTwice(bytes, start)],
    () => [before, Buffer.from([below(random, 256)]), slice, after],
  ];
  return Buffer.concat(random.pick(kinds)());
}

function lineAt(bytes: Buffer, offset: number): readonly [start: number, end: number] {
  const end = bytes.indexOf('\n', offset);
  const start = offset === 0 ? 0 : bytes.lastIndexOf('\n', offset - 1) + 1;
  return [start, end === -1 ? bytes.length : end + 1];
}

function withoutLine(bytes: Buffer, offset: number): Buffer {
  const [start, end] = lineAt(bytes, offset);
  return Buffer.concat([bytes.subarray(0, start), bytes.subarray(end)]);
}

function withLineTwice(bytes: Buffer, offset: number): Buffer {
  const [start, end] = lineAt(bytes, offset);
  return Buffer.concat([bytes.subarray(0, end), bytes.subarray(start)]);
}
