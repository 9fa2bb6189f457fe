/** `npm run test:cluster`: starts a cluster, runs the scenarios on it, and removes it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CannotRun } from './cannot-run.ts';
import { type Cluster, startCluster, stopCluster } from './cluster.ts';
import { stopSignal } from './stop-signal.ts';

const SCENARIOS = join(import.meta.dirname, 'scenarios');
/** Most of a scenario is to wait for the kubelet. */
const CONCURRENCY = 4;
/** Ends only a hang: longer than a test waits for one thing. */
const TIMEOUT_MS = process.env.LASTGOOD_SOAK === '1h' ? 5_400_000 : 1_800_000;

const startedMs = performance.now();
// Ctrl-C reaches the tests, Go and buildah too. This process then removes the node.
const stop = stopSignal();

function report(line: string): void {
  const seconds = Math.round((performance.now() - startedMs) / 1000);
  process.stderr.write(`test:cluster: ${String(seconds).padStart(3)} s  ${line}\n`);
}

async function main(names: readonly string[]): Promise<number> {
  const chosen = names.map((name) => join(SCENARIOS, `${name}.test.ts`));
  const files = names.length > 0 ? chosen : globSync(join(SCENARIOS, '*.test.ts'));
  const isImported = (name: string) =>
    files.some((file) => readFileSync(file, 'utf8').includes(`/${name}.ts'`));
  const withOperator = isImported('operator');
  const withPrometheus = withOperator || isImported('prometheus');
  let cluster: Cluster;
  try {
    cluster = await startCluster('tied', report, { withPrometheus, withOperator, stop });
  } catch (error) {
    if (stop.aborted) return 1;
    if (!(error instanceof CannotRun)) throw error;
    process.stderr.write(`test:cluster: skipped: ${error.message}\n`);
    // In CI a skip would hide a missing check.
    return process.env.CI ? 1 : 0;
  }
  report('the node is ready');
  try {
    return stop.aborted ? 1 : await runScenarios(cluster, files);
  } finally {
    await stopCluster(cluster);
    report('the node is removed');
  }
}

async function runScenarios(cluster: Cluster, files: readonly string[]): Promise<number> {
  const flags = [`--test-concurrency=${CONCURRENCY}`, `--test-timeout=${TIMEOUT_MS}`];
  const tests = spawn(process.execPath, ['--test', ...flags, ...files], {
    stdio: 'inherit',
    env: {
      ...process.env,
      KUBECONFIG: cluster.kubeconfig,
      ...(cluster.node && { LASTGOOD_CLUSTER_NODE: JSON.stringify(cluster.node) }),
    },
  });
  stop.addEventListener('abort', () => tests.kill());
  const [code] = await once(tests, 'close');
  return code ?? 1;
}

process.exitCode = await main(process.argv.slice(2));
