import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { load } from 'js-yaml';
import { freePort } from '../../free-port.ts';
import { eventually } from '../api.ts';
import { PROMETHEUS_IMAGE } from '../images/prometheus.ts';
import { kubectl } from '../kubectl.ts';
import { readNode } from './containers.ts';
import type { Manifest, Workspace } from './workspace.ts';

const SCRAPE_CONFIG = join(import.meta.dirname, '../../../deploy/monitoring/scrape-config.yaml');

/** A series, with its value at a moment. */
export interface Sample {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [number, string];
}

/** A series, with its values of a while. */
export interface Series {
  readonly metric: Readonly<Record<string, string>>;
  readonly values: readonly (readonly [number, string])[];
}

export interface Alert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly state: 'pending' | 'firing';
}

/** A port that it scrapes, with the labels of each series. */
interface Target {
  readonly labels: Readonly<Record<string, string>>;
  readonly health: 'up' | 'down' | 'unknown';
  readonly lastError: string;
}

/** A rule, as it was evaluated. */
interface Rule {
  readonly name: string;
  readonly health: 'ok' | 'err' | 'unknown';
}

/** Instead of half a minute and more, so that a test sees a change at once. */
export const INTERVAL = '2s';

/** Prometheus as a pod of the cluster. It finds the pods of a namespace with the rights of its role. */
export class Prometheus {
  readonly #url: string;

  /**
   * Resolves when it is ready. It ends with the test.
   *
   * @param rules - the content of a file of rules
   */
  static async start(t: TestContext, watched: Workspace, rules: string): Promise<Prometheus> {
    const { api } = watched;
    const name = `monitoring-${crypto.randomUUID().slice(0, 5)}`;
    await api.create('/api/v1/namespaces', { metadata: { name } });
    // The workspace closes its connection to the API server before this.
    t.after(() => void run(['delete', 'namespace', name, '--wait=false']));
    const port = await freePort();
    apply(makeObjects({ name, watched: watched.name, port, rules }));
    const onNode = readNode() !== undefined;
    const proxy = `${api.url}/api/v1/namespaces/${name}/pods/prometheus:${port}/proxy`;
    return Prometheus.connect(onNode ? `http://127.0.0.1:${port}` : proxy);
  }

  /** Resolves when the Prometheus at an URL is ready. */
  static async connect(url: string): Promise<Prometheus> {
    await eventually('Prometheus', async () => {
      const response = await fetch(`${url}/-/ready`);
      return response.ok || undefined;
    });
    return new Prometheus(url);
  }

  private constructor(url: string) {
    this.#url = url;
  }

  async query(expression: string): Promise<readonly Sample[]> {
    const { result } = await this.#get<{ result: Sample[] }>('query', { query: expression });
    return result;
  }

  /** Resolves when an expression has a result. */
  async holds(expression: string): Promise<void> {
    await eventually(
      expression,
      async () => (await this.query(expression)).length > 0 || undefined,
    );
  }

  /** Resolves when a result passes a check. On a busy machine, a scrape may take too long and a series be gone. */
  async shows(expression: string, check: (samples: readonly Sample[]) => void): Promise<void> {
    await eventually(expression, async () => {
      check(await this.query(expression));
      return true;
    });
  }

  /** The values from one time to another, in milliseconds since the epoch. */
  async queryRange(
    expression: string,
    fromMs: number,
    toMs: number,
    stepMs: number,
  ): Promise<readonly Series[]> {
    const { result } = await this.#get<{ result: Series[] }>('query_range', {
      query: expression,
      start: String(fromMs / 1000),
      end: String(toMs / 1000),
      step: String(stepMs / 1000),
    });
    return result;
  }

  async targets(): Promise<readonly Target[]> {
    const { activeTargets } = await this.#get<{ activeTargets: Target[] }>('targets', {});
    return activeTargets;
  }

  /** The rules of all groups. */
  async rules(): Promise<readonly Rule[]> {
    const { groups } = await this.#get<{ groups: { rules: Rule[] }[] }>('rules', {});
    return groups.flatMap(({ rules }) => rules);
  }

  async alerts(): Promise<readonly Alert[]> {
    return (await this.#get<{ alerts: Alert[] }>('alerts', {})).alerts;
  }

  /** Resolves when an alert fires. */
  firing(name: string): Promise<Alert> {
    return eventually(`${name} to fire`, async () => {
      const alerts = await this.alerts();
      return alerts.find(({ labels, state }) => labels.alertname === name && state === 'firing');
    });
  }

  /** Resolves when an alert neither fires nor waits for it. */
  async resolved(name: string): Promise<void> {
    await eventually(`${name} to resolve`, async () => {
      const alerts = await this.alerts();
      return !alerts.some(({ labels }) => labels.alertname === name) || undefined;
    });
  }

  async #get<T>(path: string, parameters: Readonly<Record<string, string>>): Promise<T> {
    const query = new URLSearchParams(parameters);
    const response = await fetch(`${this.#url}/api/v1/${path}?${query}`);
    const body = (await response.json()) as { status: string; data: T; error?: string };
    if (body.status !== 'success') throw new Error(`${path}: ${body.error}`);
    return body.data;
  }
}

interface Placement {
  /** Of the namespace, and of the rights beyond it. */
  readonly name: string;
  readonly watched: string;
  readonly port: number;
  readonly rules: string;
}

/** The service account `prometheus` of a namespace, which may find the pods of another one. */
export function makeAccount(name: string, watched: string): readonly Manifest[] {
  const account = { kind: 'ServiceAccount', name: 'prometheus', namespace: name };
  const apiGroup = 'rbac.authorization.k8s.io';
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: account.name, namespace: name } },
    {
      apiVersion: `${apiGroup}/v1`,
      kind: 'Role',
      metadata: { name, namespace: watched },
      rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get', 'list', 'watch'] }],
    },
    {
      apiVersion: `${apiGroup}/v1`,
      kind: 'RoleBinding',
      metadata: { name, namespace: watched },
      roleRef: { apiGroup, kind: 'Role', name },
      subjects: [account],
    },
  ];
}

function makeObjects(placement: Placement): readonly Manifest[] {
  const { name, watched, rules } = placement;
  const metadata = { name: 'prometheus', namespace: name };
  const settings = JSON.stringify(makeSettings(watched));
  return [
    ...makeAccount(name, watched),
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata,
      data: { 'prometheus.yaml': settings, 'rules.yaml': rules },
    },
    makePrometheusPod(placement),
  ];
}

/** The job of `deploy/monitoring/`, for one namespace. */
function makeSettings(watched: string): Manifest {
  const { scrape_configs: jobs } = load(readFileSync(SCRAPE_CONFIG, 'utf8')) as Manifest;
  const [discovery] = jobs[0].kubernetes_sd_configs;
  discovery.namespaces = { names: [watched] };
  return {
    global: { scrape_interval: INTERVAL, scrape_timeout: INTERVAL, evaluation_interval: INTERVAL },
    rule_files: ['/etc/prometheus/rules.yaml'],
    scrape_configs: jobs,
  };
}

/** On the network of the node, where the test reaches it. */
function makePrometheusPod({ name, port }: Placement): Manifest {
  const container = {
    name: 'prometheus',
    image: PROMETHEUS_IMAGE,
    imagePullPolicy: 'IfNotPresent',
    args: [
      '--config.file=/etc/prometheus/prometheus.yaml',
      '--storage.tsdb.path=/prometheus',
      `--web.listen-address=:${port}`,
    ],
    volumeMounts: [
      { name: 'settings', mountPath: '/etc/prometheus' },
      { name: 'data', mountPath: '/prometheus' },
    ],
  };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'prometheus', namespace: name },
    spec: {
      serviceAccountName: 'prometheus',
      hostNetwork: true,
      terminationGracePeriodSeconds: 2,
      securityContext: { runAsUser: 65534, fsGroup: 65534 },
      containers: [container],
      volumes: [
        { name: 'settings', configMap: { name: 'prometheus' } },
        { name: 'data', emptyDir: {} },
      ],
    },
  };
}

function apply(items: readonly Manifest[]): void {
  const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
  run(['apply', '--server-side', '-f', '-'], list);
}

function run(args: readonly string[], input?: string) {
  const { KUBECONFIG = '' } = process.env;
  const done = kubectl(KUBECONFIG, args, input);
  if (done.status !== 0) throw new Error(`kubectl ${args.join(' ')}: ${done.stderr}`);
  return done;
}
