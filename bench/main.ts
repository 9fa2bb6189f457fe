/** What lastgood costs, measured: `npm run bench`, `npm run bench -- --quick`. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { type CommandLine, HELP, parseCommandLine } from './command-line.ts';
import { BenchFailure } from './failure.ts';
import { describeMachine } from './machine.ts';
import { measureBefore } from './measure/before.ts';
import { MEASUREMENTS } from './measure/measure.ts';
import { resultsMarkdown } from './report/markdown.ts';
import { onScreen, targetsOnScreen } from './report/screen.ts';
import type { Section } from './section.ts';
import { Workbench } from './workbench.ts';

const RESULTS = join(import.meta.dirname, 'RESULTS.md');

const DONE = 0;
const BROKEN = 1;
const WRONG_USAGE = 2;
const INTERRUPTED = 130;

async function main(args: readonly string[]): Promise<number> {
  const line = parseCommandLine(args);
  if (line instanceof Error) return complain([`bench: ${line.message}; see --help`], WRONG_USAGE);
  if (line.help) {
    process.stdout.write(HELP);
    return DONE;
  }
  const stop = stopSignal();
  let bench: Workbench | undefined;
  try {
    bench = await Workbench.open({ ...line, say });
    await Promise.race([measureAll(line, bench), stop]);
    return complain(bench.problems, bench.problems.length === 0 ? DONE : BROKEN);
  } catch (error) {
    if (error instanceof Interrupted) return INTERRUPTED;
    return complain(reasonsOf(error), BROKEN);
  } finally {
    await bench?.close();
  }
}

async function measureAll(line: CommandLine, bench: Workbench): Promise<void> {
  const machine = describeMachine();
  for (const [name, fact] of machine) say(`${name}: ${fact}`);
  const sections: Section[] = [];
  if (line.before !== undefined) sections.push(await measureBefore(bench, line.before));
  else for (const name of line.only) sections.push(await MEASUREMENTS[name](bench));
  for (const section of sections) process.stdout.write(onScreen(section));
  process.stdout.write(targetsOnScreen(sections.flatMap(({ targets }) => targets)));
  if (!line.isWhole) return;
  await writeFile(RESULTS, resultsMarkdown(machine, sections));
  process.stdout.write(`\n${RESULTS} is written\n`);
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

class Interrupted extends Error {}

/** Rejects at a signal. Further ones change nothing: the end is under way, and has a deadline. */
function stopSignal(): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => reject(new Interrupted(signal)));
  // The reader is gone, as in `npm run bench | head`.
  process.stdout.on('error', () => reject(new Interrupted('EPIPE')));
  promise.catch(() => {});
  return promise;
}

function reasonsOf(error: unknown): readonly string[] {
  if (error instanceof BenchFailure) return [`bench: ${error.message}`, ...error.details];
  return [`bench: unexpected: ${inspect(error)}`];
}

function complain(lines: readonly string[], code: number): number {
  for (const line of lines) process.stderr.write(`${line}\n`);
  return code;
}

// An interrupted measurement may still be waiting for something; it must not hold up the end.
process.exit(await main(process.argv.slice(2)));
