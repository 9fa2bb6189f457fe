#!/usr/bin/env -S MALLOC_ARENA_MAX=1 MALLOC_MMAP_THRESHOLD_=8192 MALLOC_TRIM_THRESHOLD_=65536 UV_THREADPOOL_SIZE=8 node --no-memory-pool-share-memory-on-teardown --max-semi-space-size=4 --max-old-space-size=32
import { writeFileSync } from 'node:fs';
import { totalmem } from 'node:os';
import { styleText } from 'node:util';
import { isMainThread } from 'node:worker_threads';
import { systemClock } from '@lastgood/core/model/clock.ts';
import { findingFrom, findingOf } from '@lastgood/core/model/error.ts';
import { type Finding, formatFinding } from '@lastgood/core/model/finding.ts';
import manifest from '../package.json' with { type: 'json' };
import type { CommandResult } from './cli/command-result.ts';
import { helpText } from './cli/help.ts';
import { parseCommandLine } from './cli/parse-command-line.ts';
import type { Writing } from './cli/report/write.ts';
import type { ValidateRequest } from './cli/validate/request.ts';
import type { CompatExit, CompatRequest, ReloaderCompat } from './compat/reloader-compat.ts';
import type { Loaded } from './settings/load.ts';

/** Exit codes. Source: docs/design.md#exit-codes. */
const DONE = 0;
const FAILED = 1;
const WRONG_USAGE = 2;

/** After the end of `main` all is closed, and nothing should be left to wait for. */
const EXIT_WITHIN_MS = 1_000;

/** Memory of a laptop or a CI job, and not of a sidecar. */
const ROOM_BYTES = 2 ** 30;

/** The kubelet makes this file, and shows what it holds as the reason why a container ended. */
const TERMINATION_LOG = '/dev/termination-log';

/** Wires the real clock, network and process together; nothing else ends the process. */
async function main(): Promise<number> {
  const [, program = '', ...argv] = process.argv;
  const { detectReloader } = await import('./compat/detect.ts');
  const dropIn = detectReloader(program, argv);
  if (dropIn !== undefined) return runDropIn(dropIn, argv);
  const line = parseCommandLine(argv, process.env);
  if (!line.ok) return complain([line.finding], WRONG_USAGE);
  switch (line.command) {
    case 'help':
      process.stdout.write(helpText(line.about));
      return DONE;
    case 'version':
      process.stdout.write(`lastgood ${manifest.version}\n`);
      return DONE;
    case 'settings-schema': {
      const { settingsJsonSchema } = await import('./settings/json-schema.ts');
      process.stdout.write(`${JSON.stringify(settingsJsonSchema(), null, 2)}\n`);
      return DONE;
    }
    case 'presets': {
      const { presetsCommand } = await import('./cli/presets/presets-command.ts');
      return finish(presetsCommand(line.name));
    }
    case 'validate':
      return validate(line.request);
    case 'schema infer': {
      takeRoom();
      const { schemaInferCommand } = await import('./cli/schema/schema-infer.ts');
      return finish(await schemaInferCommand(line.request));
    }
    case 'schema check': {
      takeRoom();
      const { schemaCheckCommand } = await import('./cli/schema/schema-check.ts');
      return finish(await schemaCheckCommand(line.request, writing));
    }
    case 'explain':
      return explain(line.argv);
    case 'run': {
      const { load } = await import('./settings/load.ts');
      return start(await load(line.config), line.once);
    }
  }
}

async function start(loaded: Loaded, once: boolean, dropIn?: CompatRequest): Promise<number> {
  if (!loaded.ok) return complain(loaded.findings, WRONG_USAGE);
  const { run } = await import('./app/run.ts');
  const { failed, findings } = await run({
    settings: loaded.settings,
    once,
    program: manifest.version,
    clock: systemClock,
    random: Math.random,
    env: process.env,
    stop: stopSignal(),
    compact: await compactor(),
    dropIn,
  });
  return complain(findings, failed ? FAILED : DONE);
}

/** Does what the reloader does whose command line it is. */
async function runDropIn(dropIn: ReloaderCompat, argv: readonly string[]): Promise<number> {
  const asked = dropIn.read(argv, process.env);
  if ('exitCode' in asked) return finishAs(asked);
  const { settingsOfDocument } = await import('./settings/from-value.ts');
  const loaded = settingsOfDocument(asked.document, dropIn.name, asked.flagAt);
  const missing = loaded.ok ? await asked.missing() : undefined;
  if (missing !== undefined) return tell(`${dropIn.name}: ${missing}\n`, FAILED);
  return start(loaded, asked.once, asked);
}

/** Prints what runs where another reloader's command line is given. */
async function explain(argv: readonly string[]): Promise<number> {
  const { RELOADERS, detectByFlags } = await import('./compat/detect.ts');
  const dropIn = detectByFlags(argv);
  if (dropIn === undefined) {
    const names = RELOADERS.map(({ name }) => name).join(' or ');
    return complain([findingOf('LG_USAGE', [`these are no flags of ${names}`])], WRONG_USAGE);
  }
  const asked = dropIn.read(argv, process.env);
  if ('exitCode' in asked) return finishAs(asked);
  const { explainCommand } = await import('./cli/explain/explain.ts');
  return finish(explainCommand(dropIn, asked));
}

function finishAs({ exitCode, stdout, stderr }: CompatExit): number {
  process.stdout.write(stdout);
  return tell(stderr, exitCode);
}

async function validate(request: ValidateRequest): Promise<number> {
  takeRoom();
  const [{ validateCommand }, { buffer }] = await Promise.all([
    import('./cli/validate/validate-command.ts'),
    import('node:stream/consumers'),
  ]);
  const standardInput = () => buffer(process.stdin);
  const options = { request, clock: systemClock, standardInput, ...writing };
  if (!request.exec) return finish(await validateCommand(options));
  // A command has a session of its own, in which Ctrl-C does not reach it.
  const signal = stopSignal();
  try {
    return finish(await validateCommand({ ...options, signal }));
  } catch (error) {
    if (signal.aborted) return FAILED;
    throw error;
  }
}

const writing: Writing = {
  style: (look, text) => styleText(look, text, { stream: process.stdout }),
  program: manifest.version,
};

/** Tells how a command ended that looks at things. */
function finish({ end, output, findings, notes = [] }: CommandResult): number {
  // Whoever reads it may have seen enough, as `head` does.
  process.stdout.on('error', () => {});
  process.stdout.write(output);
  for (const note of notes) process.stderr.write(`lastgood: ${note}\n`);
  return complain(findings, { good: DONE, bad: FAILED, unusable: WRONG_USAGE }[end]);
}

/**
 * The first line of this file gives the process the heap of a sidecar; all ConfigMaps of a cluster do
 * not fit into that. Where there is more memory, the command is started anew without that limit.
 */
function takeRoom(): void {
  const isLimited = process.execArgv.some((flag) => flag.startsWith('--max-old-space-size'));
  // In a sidecar's container the app may die of what is taken here (P9).
  if (!isLimited || (process.constrainedMemory() || totalmem()) < ROOM_BYTES) return;
  process.execve?.(process.execPath, [process.execPath, ...process.argv.slice(1)], process.env);
}

/**
 * A full garbage collection, which Node itself only does when memory runs short: a sidecar that is
 * idle for days would hold what its start and its last rollout took, some 6 MB.
 */
async function compactor(): Promise<() => void> {
  const [{ setFlagsFromString }, { runInNewContext }] = await Promise.all([
    import('node:v8'),
    import('node:vm'),
  ]);
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc') as typeof globalThis.gc;
  setFlagsFromString('--no-expose-gc');
  return () => gc?.({ type: 'major', execution: 'sync', flavor: 'last-resort' });
}

/** Aborts at the first SIGTERM or SIGINT; a second one ends the process as it would any other. */
function stopSignal(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    process.once(signal, () => controller.abort(signal));
  return controller.signal;
}

/** A line for each finding. A hint that several share is told once, after the last of them. */
function complain(findings: readonly Finding[], code: number): number {
  const lines = findings.map((finding, index) => {
    const { hint } = finding;
    const isShared = findings.slice(index + 1).some((later) => later.hint === hint);
    const advice = hint === undefined || isShared ? '' : `  hint: ${hint}\n`;
    return `lastgood: ${formatFinding(finding)}\n${advice}`;
  });
  return tell(lines.join(''), code);
}

/** Says why it ended, on standard error and where the kubelet looks for it. */
function tell(text: string, code: number): number {
  if (text === '') return code;
  process.stderr.write(text);
  try {
    writeFileSync(TERMINATION_LOG, text.slice(0, 4096), { flag: 'r+' });
  } catch {
    // Outside a pod there is no such file; standard error has it all.
  }
  return code;
}

async function mainAndExit(): Promise<void> {
  try {
    process.exitCode = await main();
  } catch (error) {
    const finding = findingFrom(error);
    process.exitCode = complain(
      [finding],
      finding.code.startsWith('LG_SETTINGS') ? WRONG_USAGE : FAILED,
    );
  }
  // Something that hangs, a file system most likely, must not keep the process from ending.
  setTimeout(() => process.exit(), EXIT_WITHIN_MS).unref();
}

// Built into one file, this is what the thread that checks a large file runs as well. It has little
// room, so what it does not need is imported where it is used.
if (isMainThread) await mainAndExit();
else await import('./steps/validate/worker.ts');
