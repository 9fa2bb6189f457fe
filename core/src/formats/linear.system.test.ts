import assert from 'node:assert/strict';
import { test } from 'node:test';
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
      for (const part of REPEATED) {
        const bytes = Buffer.from(start + part.repeat(SIZE / part.length));
        const before = process.cpuUsage();
        parseFile({ path: 'a', bytes, secret: false }, format);
        semanticDigest({ bytes }, format);
        const { user } = process.cpuUsage(before);
        assert.ok(user / 1_000 < MAX_MS, `${JSON.stringify(start + part)}: ${user} µs`);
      }
  });
