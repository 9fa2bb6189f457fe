import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { TestContext } from 'node:test';
import { freePort } from '../../free-port.ts';
import type { ApiObject } from '../api.ts';
import { LASTGOOD_IMAGE } from '../images/images.ts';
import { PROMETHEUS_IMAGE } from '../images/prometheus.ts';
import { kubectl } from '../kubectl.ts';
import { PROMETHEUS_OPERATOR } from '../programs/prometheus.ts';
import { waitForKind } from './examples/operators.ts';
import { INTERVAL, makeAccount, Prometheus } from './prometheus.ts';
import type { Manifest, Workspace } from './workspace.ts';

/** The kinds that the operator needs to write the settings of a Prometheus. */
const KINDS = ['podmonitors', 'probes', 'prometheuses', 'prometheusrules', 'servicemonitors'];
const GROUP = 'monitoring.coreos.com';

const SHOWN_LINES = 10;

/** The Prometheus operator, as a process of this machine, and a namespace with a Prometheus that it runs. */
export class Operator {
  readonly namespace = `monitoring-${crypto.randomUUID().slice(0, 5)}`;
  readonly #watched: Workspace;

  /** Resolves when the operator runs. It ends with the test. */
  static async start(t: TestContext, watched: Workspace): Promise<Operator> {
    const operator = new Operator(watched);
    const { namespace } = operator;
    await defineKinds(t, watched);
    await watched.api.create('/api/v1/namespaces', { metadata: { name: namespace } });
    const child = spawn(PROMETHEUS_OPERATOR.path, await operator.#arguments(), {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const ended = once(child, 'close');
    const lines = keepLines(child);
    t.after(async () => {
      child.kill();
      await ended;
      if (!t.passed) t.diagnostic(lines.join('\n'));
      run(['delete', 'namespace', namespace, '--wait=false']);
    });
    return operator;
  }

  private constructor(watched: Workspace) {
    this.#watched = watched;
  }

  /**
   * Creates a Prometheus that selects objects as the one of kube-prometheus does: all of each namespace.
   * Resolves when it is ready.
   */
  async runPrometheus(): Promise<Prometheus> {
    const { namespace } = this;
    const { api, name: watched } = this.#watched;
    applyStrictly([...makeAccount(namespace, watched), makePrometheus(namespace)]);
    return Prometheus.connect(
      `${api.url}/api/v1/namespaces/${namespace}/pods/prometheus-k8s-0:9090/proxy`,
    );
  }

  /** The files of rules that the operator has written for that Prometheus. */
  async ruleFiles(): Promise<readonly string[]> {
    type RuleFiles = ApiObject & { readonly data?: Readonly<Record<string, string>> };
    const path = `/api/v1/namespaces/${this.namespace}/configmaps`;
    const { items } = await this.#watched.api.get<{ items: RuleFiles[] }>(path);
    const written = items.filter(({ metadata }) => /-rulefiles-\d+$/.test(metadata.name));
    return written.flatMap(({ data = {} }) => Object.values(data));
  }

  async #arguments(): Promise<readonly string[]> {
    return [
      `--web.listen-address=127.0.0.1:${await freePort()}`,
      // It leaves the objects of others alone, on a cluster that has some.
      `--namespaces=${this.namespace},${this.#watched.name}`,
      `--controller-id=${this.namespace}`,
      '--kubelet-endpoints=false',
      // docs/migrate/prometheus-config-reloader.md
      `--prometheus-config-reloader=${LASTGOOD_IMAGE}`,
      '--config-reloader-cpu-request=50m',
      '--config-reloader-cpu-limit=100m',
      '--config-reloader-memory-request=32Mi',
      '--config-reloader-memory-limit=64Mi',
    ];
  }
}

/** Applies objects, each in its namespace; the API server refuses a field that it does not know. */
export function applyStrictly(items: readonly Manifest[]): void {
  const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
  run(['apply', '--server-side', '--validate=strict', '-f', '-'], list);
}

function makePrometheus(namespace: string): Manifest {
  return {
    apiVersion: `${GROUP}/v1`,
    kind: 'Prometheus',
    metadata: {
      name: 'k8s',
      namespace,
      annotations: { 'operator.prometheus.io/controller-id': namespace },
    },
    spec: {
      image: PROMETHEUS_IMAGE,
      version: PROMETHEUS_IMAGE.split(':').at(-1),
      serviceAccountName: 'prometheus',
      scrapeInterval: INTERVAL,
      scrapeTimeout: INTERVAL,
      evaluationInterval: INTERVAL,
      podMonitorSelector: {},
      podMonitorNamespaceSelector: {},
      ruleSelector: {},
      ruleNamespaceSelector: {},
      securityContext: { runAsUser: 1000, runAsNonRoot: true, fsGroup: 2000 },
    },
  };
}

/** Defines the operator's kinds that the cluster does not have, for one test. */
async function defineKinds(t: TestContext, workspace: Workspace): Promise<void> {
  const known = run(['get', 'crd', '-o', 'name']);
  const missing = KINDS.map((plural) => `${plural}.${GROUP}`).filter(
    (name) => !known.includes(`/${name}\n`),
  );
  if (missing.length === 0) return;
  const definitions = execFileSync(PROMETHEUS_OPERATOR.path, ['crds'], {
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  });
  const wanted = definitions
    .split(/^---$/m)
    .filter((text) => missing.some((name) => text.includes(`\n  name: ${name}\n`)));
  run(['apply', '--server-side', '-f', '-'], wanted.join('---\n'));
  t.after(() => run(['delete', 'crd', '--wait=false', ...missing]));
  await Promise.all(missing.map((name) => waitForKind(workspace, name)));
}

/** What the process has said last. */
function keepLines({ stderr }: ChildProcess): readonly string[] {
  const lines: string[] = [];
  let rest = '';
  stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    const [last = '', ...ended] = `${rest}${chunk}`.split('\n').toReversed();
    rest = last;
    lines.push(...ended.toReversed());
    lines.splice(0, lines.length - SHOWN_LINES);
  });
  return lines;
}

function run(args: readonly string[], input?: string): string {
  const { KUBECONFIG = '' } = process.env;
  const { status, stdout, stderr } = kubectl(KUBECONFIG, args, input);
  if (status !== 0) throw new Error(`kubectl ${args.join(' ')}: ${stderr}`);
  return stdout;
}
