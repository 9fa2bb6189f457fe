#!/usr/bin/env -S MALLOC_ARENA_MAX=1 MALLOC_MMAP_THRESHOLD_=8192 MALLOC_TRIM_THRESHOLD_=65536 UV_THREADPOOL_SIZE=8 node --disable-sigusr1 --no-memory-pool-share-memory-on-teardown --max-semi-space-size=4 --max-old-space-size=32
/**
 * `lastgood.js` of the image, which loads the program. Node takes 9 MiB for this file and 25 for the program,
 * before the program can look at the memory that the sidecar of the same container leaves (P9).
 */
import { basename } from 'node:path';
import { formatFinding } from '@lastgood/core/model/finding.ts';
import { findRoom } from './app/heap.ts';

const PROGRAM = new URL('program.js', import.meta.url).href;

const [, name = '', word = '-'] = process.argv;
const isCommand = basename(name) === 'lastgood.js' && !word.startsWith('-');
const lack = isCommand ? await findRoom() : undefined;
if (lack === undefined) await import(PROGRAM);
else {
  process.stderr.write(`lastgood: ${formatFinding(lack)}\n  hint: ${lack.hint}\n`);
  process.exitCode = 2;
}
