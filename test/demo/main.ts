/** The story of lastgood on one machine: `npm run demo`, `npm run demo -- --stay`. */
import { inspect, parseArgs } from 'node:util';
import { DemoFailure } from './failure.ts';
import { Screen } from './screen.ts';
import { Stage } from './stage.ts';
import { stay } from './stay.ts';
import { closeBooks, tellStory } from './story.ts';
import { Teller } from './teller.ts';

const HELP = `Usage: npm run demo [-- --stay]

Runs a pod on this machine with no cluster: a stand-in for the kubelet, lastgood and the app of
examples/inference-server, as real processes in a temporary directory. Shows in seven chapters what
happens to good and bad changes, and verifies each with the app's own answers.

Options:
  --stay    keep the pod afterwards, to edit config.yaml yourself
  --help    show this

Ctrl-C ends everything and removes the directory. Exit codes: 0 done, 1 a check failed,
2 wrong usage, 130 the story was interrupted.
`;

const DONE = 0;
const FAILED = 1;
const WRONG_USAGE = 2;
const INTERRUPTED = 130;

async function main(args: readonly string[]): Promise<number> {
  const flags = flagsOf(args);
  if (flags instanceof Error) return complain([`demo: ${flags.message}; see --help`], WRONG_USAGE);
  if (flags.help) {
    process.stdout.write(HELP);
    return DONE;
  }
  const stop = stopSignal();
  const screen = new Screen(process.stdout);
  const stage = await Stage.open();
  try {
    await untilAborted(stop, perform(stage, screen));
    if (stop.aborted) return INTERRUPTED;
    if (!flags.stay) whatNext(screen);
    else {
      await stay(stage, screen, stop);
      screen.line();
      screen.line(`ending all processes and removing ${stage.dir}`, 'dim');
    }
    return DONE;
  } catch (error) {
    return complain(['', ...reasonsOf(error), '', ...stage.tails], FAILED);
  } finally {
    screen.close();
    await stage.close();
  }
}

/** The story, from its first line to the table at its end. */
async function perform(stage: Stage, screen: Screen): Promise<void> {
  screen.line(
    'lastgood: your app only ever runs on configuration that is known to be good',
    'bold',
  );
  screen.line();
  screen.prose(
    'One pod on this machine, no cluster: a stand-in swaps the ConfigMap volume as the kubelet does;' +
      ' lastgood and the app of examples/inference-server are real processes; a client asks' +
      ' POST /predict all the time.',
  );
  const teller = new Teller(screen, stage);
  await tellStory(teller);
  closeBooks(teller);
}

function whatNext(screen: Screen): void {
  screen.heading('What to try next');
  screen.line();
  screen.row(
    'your turn',
    'npm run demo -- --stay      edit config.yaml yourself, and see what happens',
  );
  screen.row('your app', 'examples/inference-server   a pod to copy, and what an app needs');
  screen.row(
    'your pod',
    'npm run kubelet -- --help   a kubelet for your own manifest, on this machine',
  );
  screen.row(
    'proof',
    'npm test                    tests of each promise; README.md and docs/ explain them',
  );
  screen.line();
}

interface Flags {
  readonly stay: boolean;
  readonly help: boolean;
}

function flagsOf(args: readonly string[]): Flags | Error {
  try {
    const flag = { type: 'boolean', default: false } as const;
    return parseArgs({ args: [...args], options: { stay: flag, help: flag } }).values;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

/** Aborts at a signal. Further ones change nothing: the end is under way, and has a deadline. */
function stopSignal(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => controller.abort(signal));
  // The reader has gone, as in `npm run demo | head`.
  process.stdout.on('error', () => controller.abort('EPIPE'));
  return controller.signal;
}

/** Resolves when the work is done or the signal comes; then what the work still says is lost. */
async function untilAborted(signal: AbortSignal, work: Promise<void>): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  signal.addEventListener('abort', () => resolve());
  await Promise.race([work, promise]);
  work.catch(() => undefined);
}

function reasonsOf(error: unknown): readonly string[] {
  if (error instanceof DemoFailure) return [`✗ ${error.message}`, ...error.details];
  return [`✗ unexpected: ${inspect(error)}`];
}

function complain(lines: readonly string[], code: number): number {
  process.stderr.write(`${lines.join('\n')}\n`);
  return code;
}

process.exitCode = await main(process.argv.slice(2));
