#!/usr/bin/env -S MALLOC_ARENA_MAX=1 MALLOC_MMAP_THRESHOLD_=8192 MALLOC_TRIM_THRESHOLD_=65536 UV_THREADPOOL_SIZE=8 node --disable-sigusr1 --no-memory-pool-share-memory-on-teardown --max-semi-space-size=4 --max-old-space-size=32
/**
 * `lastgood.js` of the image, which loads the program. Node takes 9 MiB for this file and 25 for the program,
 * before the program can look at the memory that the sidecar of the same container leaves (P9).
 */
import { basename } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { formatFinding } from '@lastgood/core/model/finding.ts';
import { findRoom } from './app/heap.ts';
import { loadProgram } from './io/process/load-program.ts';

async function main(): Promise<void> {
  const [, name = '', word = '-'] = process.argv;
  const isCommand = basename(name) === 'lastgood.js' && !word.startsWith('-');
  const lack = isCommand ? await findRoom() : undefined;
  if (lack === undefined) return runProgram(isCommand);
  process.stderr.write(`lastgood: ${formatFinding(lack)}\n  hint: ${lack.hint}\n`);
  process.exitCode = 2;
}

function runProgram(isCommand: boolean): void {
  // As in `main.ts`, but before V8 reads a cache, which is for default flags too.
  setFlagsFromString('--memory-pool-share-memory-on-teardown');
  loadProgram(import.meta.dirname, {
    importModule: (url) => import(url),
    // They have what a sidecar needs, and take 3 MiB that a command may not have.
    useCaches: !isCommand,
  });
}

void main();
