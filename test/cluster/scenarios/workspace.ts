import type { TestContext } from 'node:test';
import { loadAll } from 'js-yaml';
import { Api, eventually } from '../api.ts';
import { kubectl } from '../kubectl.ts';
import { Pod } from './pod.ts';

const RESTRICTED = { 'pod-security.kubernetes.io/enforce': 'restricted' };

/** A namespace that admits only restricted pods, for one test. */
export class Workspace {
  readonly api: Api;
  readonly name: string;
  readonly #ended = new AbortController();

  static async create(t: TestContext, purpose: string): Promise<Workspace> {
    const api = await Api.open();
    const name = `${purpose}-${crypto.randomUUID().slice(0, 5)}`;
    const workspace = new Workspace(api, name);
    t.after(async () => {
      workspace.#ended.abort();
      try {
        if (!t.passed) t.diagnostic(workspace.#explain());
        await workspace.#remove();
      } finally {
        // Without an API server too: the proxy would keep this process alive.
        await api.close();
      }
    });
    await api.create('/api/v1/namespaces', { metadata: { name, labels: RESTRICTED } });
    // Without it, the API server admits no pod. A controller creates it, later on a busy machine.
    await eventually(`the service account of ${name}`, () =>
      api.get(`/api/v1/namespaces/${name}/serviceaccounts/default`),
    );
    return workspace;
  }

  private constructor(api: Api, name: string) {
    this.api = api;
    this.name = name;
  }

  /** Aborts when the test is over. */
  get ended(): AbortSignal {
    return this.#ended.signal;
  }

  /** Runs kubectl in the namespace. Throws if it fails. */
  kubectl(...args: readonly string[]): string {
    return this.#run(args);
  }

  apply(items: readonly object[]): void {
    this.applyText(JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
  }

  /** On the server: an annotation with the whole object has no room for a large one. */
  applyText(manifests: string): void {
    this.#run(['apply', '--server-side', '-f', '-'], manifests);
  }

  pod(name: string): Pod {
    return new Pod(this.api, this.name, name);
  }

  /** The pods with a label `app`. */
  async podsOf(app: string): Promise<readonly Pod[]> {
    const { items } = await this.api.get<{ items: { metadata: { name: string } }[] }>(
      `/api/v1/namespaces/${this.name}/pods?labelSelector=app%3D${app}`,
    );
    return items.map(({ metadata }) => this.pod(metadata.name));
  }

  /**
   * Sets a key of a ConfigMap. Resolves with the time before that: the log of a pod may have the outcome by the
   * time at which a busy test has the answer of the API server.
   */
  async edit(configMap: string, data: Readonly<Record<string, string>>): Promise<number> {
    const atMs = Date.now();
    await this.api.patch(`/api/v1/namespaces/${this.name}/configmaps/${configMap}`, { data });
    return atMs;
  }

  #run(args: readonly string[], input?: string): string {
    const { KUBECONFIG = '' } = process.env;
    const { status, stdout, stderr } = kubectl(KUBECONFIG, ['-n', this.name, ...args], input);
    if (status !== 0) throw new Error(`kubectl ${args.join(' ')}: ${stderr}`);
    return stdout;
  }

  /** What a person would look at after a failure. */
  #explain(): string {
    const looks = [
      ['get', 'pods', '-o', 'wide'],
      ['get', 'events', '-o', 'custom-columns=OBJECT:.involvedObject.name,MESSAGE:.message'],
      ...this.#run(['get', 'pods', '-o', 'name'])
        .trim()
        .split('\n')
        .map((pod) => ['logs', pod, '--all-containers', '--prefix', '--tail=15']),
    ];
    const { KUBECONFIG = '' } = process.env;
    return looks
      .map((args) => kubectl(KUBECONFIG, ['-n', this.name, ...args]))
      .map(({ stdout, stderr }) => `${stdout}${stderr}`)
      .join('\n');
  }

  /** The pods end at once, and nothing waits for them. */
  async #remove(): Promise<void> {
    this.#run(['delete', 'pods', '--all', '--grace-period=2', '--wait=false']);
    await this.api.delete(`/api/v1/namespaces/${this.name}`);
  }
}

/** The objects of a kustomization, to be changed and applied. */
export function buildKustomization(dir: string): readonly Manifest[] {
  const { stdout, stderr, status } = kubectl('', ['kustomize', dir]);
  if (status !== 0) throw new Error(stderr);
  return loadAll(stdout) as Manifest[];
}

/** An object that a test may change. */
// biome-ignore lint/suspicious/noExplicitAny: a manifest has any shape, and the API server checks it
export type Manifest = Record<string, any>;
