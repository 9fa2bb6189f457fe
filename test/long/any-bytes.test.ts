import { test } from 'node:test';
import { assertSecondOpinion, assertVerdicts } from '../conformance/any-bytes.ts';
import { EXTENSIONS, READERS } from '../conformance/readers.ts';

const RUNS = 20_000;

for (const extension of EXTENSIONS)
  test(`${RUNS} files as *${extension} each get a verdict, and a rejection says where`, () =>
    assertVerdicts(extension, RUNS));

for (const reader of READERS)
  test(`of ${RUNS} files, what is accepted as *${reader.extension} is what ${reader.parser} reads`, () =>
    assertSecondOpinion(reader, RUNS));
