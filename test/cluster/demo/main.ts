/** The story of lastgood on a real node: `npm run demo:cluster`. */
import { inspect } from 'node:util';
import { DemoFailure } from '../../demo/failure.ts';
import { Screen } from '../../demo/screen.ts';
import { closeBooks, tellStory } from '../../demo/story.ts';
import { ms, Teller } from '../../demo/teller.ts';
import { CannotRun } from '../cannot-run.ts';
import { startCluster, stopCluster } from '../cluster.ts';
import { stopSignal } from '../stop-signal.ts';
import { ClusterStage } from './stage.ts';

const HELP = `Usage: npm run demo:cluster

The seven chapters of \`npm run demo\` on Kubernetes: a node on this machine, with a real kubelet, that runs
the pod of examples/inference-server as it is. It needs Linux, root, apt-get, a C compiler and Go. The first
start takes about 8 minutes, since Go builds Kubernetes; later ones take one. The story takes two.

Ctrl-C ends everything and removes the node. Exit codes: 0 done, 1 a check failed or this machine cannot run
a node, 2 wrong usage, 130 the story was interrupted.
`;

const DONE = 0;
const FAILED = 1;
const WRONG_USAGE = 2;
const INTERRUPTED = 130;

const screen = new Screen(process.stdout);
const stop = stopSignal();

async function main(args: readonly string[]): Promise<number> {
  if (args.length > 0) {
    process.stdout.write(HELP);
    return args[0] === '--help' ? DONE : WRONG_USAGE;
  }
  try {
    introduce();
    await tellOnNode();
    return stop.aborted ? INTERRUPTED : DONE;
  } catch (error) {
    if (stop.aborted) return INTERRUPTED;
    process.stderr.write(`${reasonsOf(error).join('\n')}\n`);
    return FAILED;
  }
}

function introduce(): void {
  screen.line(
    'lastgood: your app only ever runs on configuration that is known to be good',
    'bold',
  );
  screen.line();
  screen.prose(
    'Kubernetes on this machine: one node, with a real API server and a real kubelet. It runs' +
      ' the pod of examples/inference-server, with lastgood as a native sidecar. A client asks' +
      ' POST /predict all the time. The kubelet brings an edit within 15 seconds; elsewhere it takes up' +
      ' to a minute or more.',
  );
  screen.line();
}

async function tellOnNode(): Promise<void> {
  const report = (line: string) => screen.row('node', `${line} …`, 'quiet');
  const cluster = await startCluster('tied', report, { stop });
  try {
    if (!stop.aborted) await perform(await ClusterStage.open(cluster));
  } finally {
    screen.row('node', 'ending all processes, and removing the node', 'quiet');
    await stopCluster(cluster);
  }
}

async function perform(stage: ClusterStage): Promise<void> {
  const { promise: aborted, resolve } = Promise.withResolvers<void>();
  stop.addEventListener('abort', () => resolve());
  const told = tell(stage);
  try {
    await Promise.race([told, aborted]);
    // What the story still says is lost.
    told.catch(() => undefined);
  } finally {
    await stage.close();
  }
}

async function tell(stage: ClusterStage): Promise<void> {
  const teller = new Teller(screen, stage);
  await tellStory(teller);
  closeBooks(teller);
  const slowest = Math.max(...stage.swapsMs);
  const fastest = Math.min(...stage.swapsMs);
  screen.row('kubelet', `took ${ms(fastest)} to ${ms(slowest)} from an edit to the swap`, 'quiet');
  screen.heading('What to try next');
  screen.line();
  screen.row('your turn', 'npm run cluster -- up       a node that stays, for your own kubectl');
  screen.row('your app', 'examples/inference-server   a pod to copy, and what an app needs');
  screen.row('proof', 'npm run test:cluster        what can go wrong on a node, as tests');
  screen.line();
}

function reasonsOf(error: unknown): readonly string[] {
  if (error instanceof CannotRun) return [`demo:cluster: ${error.message}`];
  if (error instanceof DemoFailure) return [`✗ ${error.message}`, ...error.details];
  return [`✗ unexpected: ${inspect(error)}`];
}

process.exitCode = await main(process.argv.slice(2));
