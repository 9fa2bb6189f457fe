/** A real node on this machine, for people: `npm run cluster -- up`. */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CannotRun } from './cannot-run.ts';
import { type Cluster, isRunning, startCluster, stopCluster } from './cluster.ts';
import { CACHE_DIR } from './programs/programs.ts';
import { stopSignal } from './stop-signal.ts';

const HELP = `Usage: npm run cluster -- up | down | status

Runs Kubernetes on this machine: one node, with the images of lastgood, of the example apps and of
Prometheus, all built on this machine. It needs Linux, root, apt-get, a C compiler and Go, and neither a
container engine nor a registry. The first time, Go builds Kubernetes for about 5 minutes and Prometheus
for 4; after that, it takes about a minute. Everything runs in namespaces and a temporary directory.

  up        start it, and print how to use it
  down      end it, and remove everything
  status    whether it runs; exit code 1 if not

Exit codes: 0 done, 1 failed, 2 wrong usage, 130 up was interrupted, and left nothing.
`;

const DONE = 0;
const FAILED = 1;
const WRONG_USAGE = 2;
const INTERRUPTED = 130;

/** Where \`up\` notes what \`down\` ends. */
const RECORD = join(CACHE_DIR, 'cluster.json');

async function main(args: readonly string[]): Promise<number> {
  const [command, ...rest] = args;
  if (command === '--help') {
    process.stdout.write(HELP);
    return DONE;
  }
  if (rest.length > 0) return complain(HELP, WRONG_USAGE);
  try {
    if (command === 'up') return await up();
    if (command === 'down') return await down();
    if (command === 'status') return status();
    return complain(HELP, WRONG_USAGE);
  } catch (error) {
    const known = error instanceof CannotRun;
    return complain(`cluster: ${known ? error.message : (error as Error).stack}\n`, FAILED);
  }
}

async function up(): Promise<number> {
  const running = readRecord();
  if (running !== undefined && isRunning(running)) return tellUse(running);
  if (running !== undefined) await stopCluster(running);
  const report = (line: string) => void complain(`cluster: ${line} …\n`, DONE);
  const stop = stopSignal();
  try {
    const cluster = await startCluster('detached', report, { withPrometheus: true, stop });
    writeFileSync(RECORD, JSON.stringify(cluster));
    return tellUse(cluster);
  } catch (error) {
    if (!stop.aborted) throw error;
    return complain('cluster: interrupted\n', INTERRUPTED);
  }
}

async function down(): Promise<number> {
  const running = readRecord();
  if (running === undefined) return complain('cluster: not running\n', DONE);
  await stopCluster(running);
  rmSync(RECORD);
  return complain('cluster: ended, and removed\n', DONE);
}

function status(): number {
  const running = readRecord();
  if (running !== undefined && isRunning(running)) return tellUse(running);
  process.stdout.write('not running\n');
  return FAILED;
}

function tellUse({ kubeconfig }: Cluster): number {
  process.stdout.write(`running; to use it:

  export KUBECONFIG=${kubeconfig}
  kubectl apply -k examples/inference-server
  kubectl edit configmap model-config
  kubectl logs inference-server -c lastgood -f

docs/quickstart.md         what to try on it
npm run cluster -- down    ends it
`);
  return DONE;
}

function readRecord(): Cluster | undefined {
  return existsSync(RECORD) ? JSON.parse(readFileSync(RECORD, 'utf8')) : undefined;
}

function complain(message: string, code: number): number {
  process.stderr.write(message);
  return code;
}

process.exitCode = await main(process.argv.slice(2));
