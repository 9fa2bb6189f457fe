import { test } from 'node:test';
import { CORPORA } from '../corpus/corpus.ts';
import { assertNoFault } from '../corpus/run-corpus.ts';

/** Of each format; 22,000 in all. */
const COUNT = 2400;
/** Another one than in the suite of the system. */
const seed = Number(process.env.LASTGOOD_SEED ?? 2);

for (const corpus of CORPORA)
  test(`P11: of ${COUNT} files ${corpus.path}, lastgood and the readers of the format agree`, (t) =>
    assertNoFault(t, corpus, { count: COUNT, seed }));
