import { test } from 'node:test';
import { assertSecondOpinion, assertVerdicts } from './any-bytes.ts';
import { EXTENSIONS, READERS } from './readers.ts';

/** `test/long` makes many more. */
const RUNS = 1000;

for (const extension of EXTENSIONS)
  test(`whatever bytes come in as *${extension}, there is a verdict, and a rejection says where`, () =>
    assertVerdicts(extension, RUNS));

for (const reader of READERS)
  test(`what is accepted as *${reader.extension} is what ${reader.parser} reads`, () =>
    assertSecondOpinion(reader, RUNS));
