/** A real node on this machine, for people: `npm run cluster -- up`. */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CannotRun } from './cannot-run.ts';
import { type Cluster, isRunning, startCluster, stopCluster } from './cluster.ts';
import { CACHE_DIR } from './programs/programs.ts';

const HELP = `Usage: npm run cluster -- up | down | status

Runs Kubernetes on this machine: one node, with the images of lastgood, of the example apps and of
Prometheus, all built on this machine. It needs Linux, root, apt-get and Go. The first time it takes about
10 minutes: 5 for Kubernetes and 4 for Prometheus. It needs neither a container engine nor a registry. Everything runs in namespaces and a temporary directory.

  up        start it, and print how to use it
  down      end it, and remove everything
  status    whether it runs; exit code 1 if not

Exit codes: 0 done, 1 failed, 2 wrong usage.
`;

const DONE = 0;
const FAILED = 1;
const WRONG_USAGE = 2;

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
  const cluster = await startCluster('detached', report, { withPrometheus: true });
  writeFileSync(RECORD, JSON.stringify(cluster));
  return tellUse(cluster);
}

async function down(): Promise<number> {
  const running = readRecord();
  if (running === undefined) return complain('cluster: not running\n', DONE);
  await stopCluster(running);
  rmSync(RECORD);
  return DONE;
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
