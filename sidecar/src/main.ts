#!/usr/bin/env -S MALLOC_ARENA_MAX=1 MALLOC_MMAP_THRESHOLD_=8192 MALLOC_TRIM_THRESHOLD_=65536 UV_THREADPOOL_SIZE=8 node --disable-sigusr1 --no-memory-pool-share-memory-on-teardown --max-semi-space-size=4 --max-old-space-size=32
import { writeFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { isMainThread } from 'node:worker_threads';

/** As `engines` in `package.json`, which npm does not enforce. */
const OLDEST_NODE = 26;

/** When `main` returns everything is closed, and nothing should be left to wait for. */
const EXIT_WITHIN_MS = 1_000;

/** For `/proc/self/oom_score_adj`. */
const END_FIRST = '1000';

/**
 * A command such as `lastgood validate` may run in the container of a sidecar. If memory runs out, the
 * kernel must end the command, and not the sidecar (P9). Before anything else takes memory. If the container
 * requests little memory, the kubelet has given the sidecar nearly the same score; there, only `loader.ts`
 * and the heap limit of `fitHeap` help.
 */
function endBeforeSidecar([, , word = '-']: readonly string[]): void {
  // In the image, the first process of a container starts Node.
  if (process.pid === 1 || process.ppid === 1 || word.startsWith('-')) return;
  try {
    writeFileSync('/proc/self/oom_score_adj', END_FIRST);
  } catch {
    // Not Linux.
  }
}

/** Runs as another reloader where that reloader's command line is given, and else as lastgood. */
async function main(): Promise<number> {
  const [, program = '', ...argv] = process.argv;
  const { printResult, resultOfError } = await import('./cli/print-result.ts');
  try {
    const { detectReloader } = await import('./compat/detect.ts');
    const reloader = detectReloader(program, argv);
    if (reloader !== undefined) {
      const { runReloader } = await import('./cli/run/run-sidecar.ts');
      return printResult(await runReloader(reloader, argv));
    }
    const { runCommandLine } = await import('./cli/run-command-line.ts');
    return printResult(await runCommandLine(argv));
  } catch (thrown) {
    return printResult(resultOfError(thrown));
  }
}

// Built into one file, this is also what the thread that checks a large file runs. It has little
// memory, so everything is imported where it is used. No `await` here: the image has it as a script.
if (isMainThread) {
  if (Number.parseInt(process.versions.node, 10) < OLDEST_NODE) {
    process.stderr.write(
      `lastgood: needs Node.js ${OLDEST_NODE} or newer, and this is ${process.version}\n`,
    );
    process.exit(2);
  }
  // V8 has read this flag of the first line. With its default again, the code cache of Node
  // is valid again, as it was made for default flags: 6 % of the start.
  setFlagsFromString('--memory-pool-share-memory-on-teardown');
  // Node's default opens its inspector to the whole pod. Also for a command line without the flag above.
  process.on('SIGUSR1', () => {});
  endBeforeSidecar(process.argv);
  // If nothing is left to wait for before `main` returns, that is a failure.
  process.exitCode = 1;
  void main().then((code) => {
    process.exitCode = code;
    // Something that hangs, most likely a file system, must not keep the process from ending.
    setTimeout(() => process.exit(), EXIT_WITHIN_MS).unref();
  });
} else void import('./steps/validate/worker.ts');
