import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Format } from './format.ts';
import { FORMATS } from './formats.ts';
import { parseFile } from './parse-file.ts';
import { semanticDigest } from './semantic-digest.ts';

/** As much as the main thread parses. */
const SIZE = 32 * 2 ** 10;

/** The square of the size takes four seconds, and the size itself some milliseconds. */
const MAX_MS = 1_500;

const STARTS = ['', 'a=', 'a: ', 'a: "', '{"a": "', '[', '-----BEGIN CERTIFICATE-----\n'];
const REPEATED = ['\n', '\r\n', ' ', '\t', '\\', '\\\n', 'a=\n', 'a: ', '[', '{{', '$(', '# '];

for (const format of Object.values(FORMATS))
  test(`${format.name} takes time in proportion to the size of a file, whatever is in it`, () => {
    for (const start of STARTS)
      for (const part of REPEATED) assertFast(format, start + part.repeat(SIZE / part.length));
  });

test('a line that a reader refuses takes no longer for what is before it', () => {
  const { env, ini } = FORMATS;
  assertFast(env, `${'#'.repeat(27)}\nD E-F=1\n`);
  assertFast(env, `${' '.repeat(SIZE)}D E-F=1\n`);
  assertFast(env, `D=1\nE${' '.repeat(SIZE)}F-G=1\n`);
  assertFast(env, `D${'\f'.repeat(2 * SIZE)} E`);
  assertFast(ini, `a = ${'\\d'.repeat(25)}=1\n`);
  assertFast(ini, `a = ${'$\\d'.repeat(25)}=1\n`);
});

function assertFast(format: Format, text: string): void {
  const bytes = Buffer.from(text);
  const before = process.cpuUsage();
  parseFile({ path: 'a', bytes, secret: false }, format);
  semanticDigest({ bytes }, format);
  const { user } = process.cpuUsage(before);
  assert.ok(user / 1_000 < MAX_MS, `${JSON.stringify(text.slice(0, 50))}: ${user} µs`);
}
