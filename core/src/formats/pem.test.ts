import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fc } from '../../../test/property.ts';
import { formatFinding } from '../model/finding.ts';
import { said, valuesOf } from './formats.testing.ts';
import { parseFile } from './parse-file.ts';
import { isDer, pem, readBlocks } from './pem.ts';

const BODY = 'TUlJQ2R3\naHVudGVy\nMjIyMg==';
const BLOCK = `-----BEGIN CERTIFICATE-----\n${BODY}\n-----END CERTIFICATE-----\n`;

const REFUSED: readonly (readonly [text: string, ...said: string[]])[] = [
  ['hello\n', '1:1: is neither PEM nor DER: expected a line -----BEGIN …-----'],
  [Buffer.from(BLOCK).toString('base64'), '1:1: is PEM encoded in base64 twice; decode it once'],
  [`# ca\n${BLOCK.slice(0, 50)}`, '2:1: the block is cut off: it has no END line'],
  [
    `${BLOCK.replace(/-----END.*\n/, '')}${BLOCK}`,
    '1:1: the block is cut off: another one begins inside it',
  ],
  [`${BLOCK}-----END X-----\n`, '6:1: has an END line without a BEGIN line above it'],
  [
    BLOCK.replace('END CERTIFICATE', 'END PRIVATE KEY'),
    '5:1: the END line names another kind of block than the BEGIN line',
  ],
  [BLOCK.replace('aHV', 'aH%'), '3:3: is not base64'],
  [BLOCK.replace('R3\n', '==\n'), '3:1: the base64 of the block continues after its padding'],
  [BLOCK.replace('R3\n', '=R3\n'), '2:7: is not base64'],
  [BLOCK.replace('R3', ''), '1:1: the base64 of the block is incomplete: characters are missing'],
  [BLOCK.replace(BODY, ''), '1:1: the block is empty'],
  [BLOCK.replaceAll('\n', '\\n'), '1:1: has the characters \\n in the place of a line break'],
  [
    BLOCK.replaceAll(/(?<=\w)\n(?=\w)/g, '\\n'),
    '2:9: has the characters \\n in the place of a line break',
  ],
  [BLOCK.replaceAll('\n', ' '), '1:1: the line breaks of the block are missing'],
  [
    BLOCK.replaceAll(/^/gm, '  '),
    '1:1: a BEGIN or END line must not be indented',
    '5:1: a BEGIN or END line must not be indented',
  ],
  [
    BLOCK.replace('E-----', 'E----'),
    '1:1: a BEGIN or END line must have five dashes before and after its words, and nothing else',
  ],
  [
    BLOCK.replace('-----END', '----END'),
    '5:1: a BEGIN or END line must have five dashes before and after its words, and nothing else',
  ],
];

for (const [text, ...expected] of REFUSED)
  test(`PEM is refused: ${expected[0]}`, () => {
    const lines = expected.map((line) => `f:${line} [LG_VALIDATE_SYNTAX]`);
    assert.deepEqual(said(pem, text), lines);
    assert.deepEqual(said(pem, text.replaceAll('\n', '\r\n')).length, lines.length);
  });

test('the blocks are named, and nothing of their content is a value', () => {
  const key = BLOCK.replaceAll('CERTIFICATE', 'EC PRIVATE KEY');
  assert.deepEqual(valuesOf(pem, `Bag Attributes: x\n${BLOCK}\n# the key\n${key}`), [
    [{ label: 'CERTIFICATE' }, { label: 'EC PRIVATE KEY' }],
  ]);
});

test('a block is located at its BEGIN line', () => {
  const parsed = pem.parse(`# 1\n${BLOCK}${BLOCK}`);
  assert.deepEqual(parsed.ok && parsed.documents[0]?.locate([1, 'label'], 'value'), {
    line: 7,
    column: 1,
  });
});

test('what programs accept is accepted: Windows line ends, blanks at line ends, long lines', () => {
  for (const text of [
    BLOCK.replaceAll('\n', '\r\n'),
    BLOCK.replaceAll('\n', ' \n'),
    BLOCK.replace(BODY, BODY.replaceAll('\n', '')),
    BLOCK.trimEnd(),
    BLOCK.replace(BODY, `Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,7C\n\n${BODY}`),
    '',
    ' \n',
  ])
    assert.deepEqual(said(pem, text), []);
});

test('whatever the bytes and however the lines are cut, a block gives its bytes back', () => {
  const bytes = fc.uint8Array({ minLength: 1, maxLength: 300 });
  fc.assert(
    fc.property(
      bytes,
      fc.integer({ min: 1, max: 20 }).map((quads) => quads * 4),
      fc.string(),
      (array, width, around) => {
        const cut = Buffer.from(array)
          .toString('base64')
          .replaceAll(new RegExp(`.{${width}}`, 'g'), '$&\n');
        const block = `-----BEGIN X-----\n${cut}\n-----END X-----`;
        const text = `${around}\n${block}\n${around}`;
        // A "0" and a letter whose code is the length of the rest.
        fc.pre(!isDer(Buffer.from(text, 'latin1')));
        const { blocks, issues } = readBlocks(text);
        assert.deepEqual(issues, []);
        assert.deepEqual(Buffer.from(array), blocks[0]?.bytes);
      },
    ),
  );
});

test('no text makes it throw, and the problems of a broken file are bounded', () => {
  const unit = fc.constantFrom(
    '-----BEGIN X-----',
    '-----END X-----',
    '----END',
    'TUlJ',
    '=',
    '\n',
    ' ',
  );
  fc.assert(
    fc.property(fc.string({ unit }), (text) => {
      pem.parse(text);
    }),
  );
  assert.equal(said(pem, '-----END X-----\n'.repeat(1000)).length, 20);
});

test('P11: a file in DER is one block, and a warning', () => {
  const der = Buffer.from('3003020101', 'hex');
  assert.equal(isDer(der), false);
  const long = Buffer.concat([Buffer.from('308200800281', 'hex'), Buffer.alloc(126, 0xff)]);
  assert.ok(isDer(long));
  assert.ok(!isDer(long.subarray(1)));
  assert.ok(isDer(Buffer.concat([long, Buffer.from('x')])));
  assert.ok(!isDer(long.subarray(0, -1)));
  const parsed = parseFile({ path: 'ca.crt', bytes: long, secret: false }, pem);
  assert.deepEqual(parsed.findings.map(formatFinding), [
    'ca.crt:1:1: is DER, not PEM: OpenSSL reads it, but programs that expect PEM do not [LG_VALIDATE_DIALECT]',
  ]);
  assert.deepEqual(parsed.ok && parsed.documents[0]?.value, [{ label: 'DER' }]);
});

test('P11: blanks inside of base64 do not count, and a lone carriage return ends no line', () => {
  assert.deepEqual(said(pem, BLOCK.replace('aHV', '  aH \tV\r')), []);
  assert.equal(said(pem, BLOCK.replaceAll('\n', '\r')).length, 1);
});
