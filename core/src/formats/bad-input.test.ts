import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatFinding } from '../model/finding.ts';
import { BAD_DOCKER } from './fixtures/bad-docker.ts';
import { BAD_ENV } from './fixtures/bad-env.ts';
import { BAD_INI } from './fixtures/bad-ini.ts';
import { BAD_JSON } from './fixtures/bad-json.ts';
import { BAD_TOML } from './fixtures/bad-toml.ts';
import { BAD_YAML } from './fixtures/bad-yaml.ts';
import { FORMAT_NAMES } from './format.ts';
import { findingsIn } from './formats.testing.ts';
import { FORMATS } from './formats.ts';
import { parseFile } from './parse-file.ts';

const ROWS = [BAD_YAML, BAD_JSON, BAD_DOCKER, BAD_TOML, BAD_INI, BAD_ENV].flat();

/** Words of the inputs that are also lastgood's own; no row plants its content in them. */
const OWN_WORDS = ['proto', 'auth', 'username', 'password', 'credsstore', 'true', 'value', 'nan'];
const WORD = /[\p{L}\d]{3,}/gu;

for (const [format, text, ...expected] of ROWS) {
  test(`bad input in ${format}: ${JSON.stringify(text)}`, () => {
    assert.deepEqual(
      findingsIn(FORMATS[format], text),
      expected.map((line) => `f:${line}`),
    );
  });

  test(`P8: nothing of it shows when it is secret, in ${format}: ${JSON.stringify(text)}`, () => {
    const sealed = findingsIn(FORMATS[format], text, true);
    assert.equal(sealed.length, expected.length);
    const words = sealed.join(' ').toLowerCase().match(WORD) ?? [];
    const content = new Set(text.toLowerCase().match(WORD));
    for (const own of OWN_WORDS) content.delete(own);
    assert.deepEqual(
      words.filter((word) => content.has(word)),
      [],
    );
  });
}

test('the table holds every format that can be wrong, and not one row twice', () => {
  const named = new Set(ROWS.map(([format]) => format));
  // PEM needs real certificates: pem.test.ts has its bad input.
  const lenient = ['pem', 'text', 'binary'];
  assert.deepEqual(
    FORMAT_NAMES.filter((name) => !named.has(name)),
    lenient,
  );
  assert.equal(new Set(ROWS.map(([format, text]) => `${format} ${text}`)).size, ROWS.length);
});

test('bytes that are not UTF-8 text are refused in a strict check', () => {
  const rows: readonly (readonly [bytes: Buffer, said: string])[] = [
    [Buffer.from('name: caf\xe9\n', 'latin1'), '1:10: is not valid UTF-8 [LG_VALIDATE_ENCODING]'],
    [
      Buffer.from('a=1\r\nb=\x93x\x94\r\n', 'latin1'),
      '2:3: is not valid UTF-8 [LG_VALIDATE_ENCODING]',
    ],
    [Buffer.from('\uFEFFa=1\n', 'utf16le'), '1:1: is UTF-16, not UTF-8 [LG_VALIDATE_ENCODING]'],
    [Buffer.from('\uFEFF[a]\n'), '1:1: starts with a byte order mark [LG_VALIDATE_BOM]'],
    [Buffer.from([0x1f, 0x8b, 0x08]), '1:2: is not valid UTF-8 [LG_VALIDATE_ENCODING]'],
  ];
  for (const [bytes, expected] of rows) {
    const parsed = parseFile({ path: 'f', bytes, secret: true }, FORMATS.text, { strict: true });
    assert.deepEqual(parsed.ok ? [] : parsed.findings.map(formatFinding), [`f:${expected}`]);
  }
});

test('a file in which every line is wrong gives a thousand findings', () => {
  for (const line of ['= redis\n', 'redis\n']) {
    const problems = findingsIn(FORMATS.ini, line.repeat(3000));
    assert.equal(problems.length, 1000);
    assert.match(problems[999] ?? '', /^f:(?:1000|500|501):1: /);
  }
});

test('a template or a typographic quote is reported on its own line only', () => {
  const [line] = findingsIn(FORMATS.toml, 'a = "{{ .Values.a }}"\nb = x\nc = "\u201c"\n');
  assert.doesNotMatch(line ?? '', /template|typographic/);
});
