#!/usr/bin/env -S MALLOC_ARENA_MAX=1 MALLOC_MMAP_THRESHOLD_=8192 MALLOC_TRIM_THRESHOLD_=65536 UV_THREADPOOL_SIZE=8 node --disable-sigusr1 --no-memory-pool-share-memory-on-teardown --max-semi-space-size=4 --max-old-space-size=32
/**
 * `lastgood.js` of the image, which loads the program. Node takes 9 MiB for this file and 25 for the program,
 * before the program can look at the memory that the sidecar of the same container leaves (P9).
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { formatFinding } from '@lastgood/core/model/finding.ts';
import { tryTo } from '@lastgood/core/model/try-to.ts';
import { findRoom } from './app/heap.ts';
import { compileScript } from './io/process/compile-script.ts';

const PROGRAM = join(import.meta.dirname, 'program.js');

/** What V8 made of the program when the image was built. Without it, the start takes half as long again. */
const CACHE = join(import.meta.dirname, 'program.cache');

async function main(): Promise<void> {
  const [, name = '', word = '-'] = process.argv;
  const isCommand = basename(name) === 'lastgood.js' && !word.startsWith('-');
  const lack = isCommand ? await findRoom() : undefined;
  // The cache has what a sidecar needs, and takes 3 MiB that a command may not have.
  if (lack === undefined)
    return runProgram(isCommand ? undefined : tryTo(() => readFileSync(CACHE)));
  process.stderr.write(`lastgood: ${formatFinding(lack)}\n  hint: ${lack.hint}\n`);
  process.exitCode = 2;
}

function runProgram(cache: Buffer | undefined): void {
  // As in `main.ts`, but before V8 reads the cache, which is for default flags too.
  setFlagsFromString('--memory-pool-share-memory-on-teardown');
  const { run } = compileScript(PROGRAM, cache);
  run({
    require: createRequire(PROGRAM),
    dirname: import.meta.dirname,
    importModule: (url) => import(url),
  });
}

void main();
