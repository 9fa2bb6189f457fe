import { eventually } from '../api.ts';
import type { Workspace } from './workspace.ts';

interface EndpointSlice {
  readonly metadata: { readonly name: string };
  readonly endpoints?: readonly {
    readonly addresses: readonly string[];
    readonly conditions: { readonly ready?: boolean };
  }[];
}

/**
 * Balances over the ready pods of a Service, as kube-proxy does: the node has none, but its addresses of
 * pods are those of this machine.
 */
export class Endpoints {
  readonly #port: number;
  readonly #ready = new Map<string, readonly string[]>();
  #next = 0;

  /** Watches until the test is over. */
  static async watch(workspace: Workspace, service: string, port: number) {
    const endpoints = new Endpoints(port);
    void endpoints.#follow(workspace, service);
    await eventually('an endpoint', async () => endpoints.#addresses.length > 0 || undefined);
    return endpoints;
  }

  private constructor(port: number) {
    this.#port = port;
  }

  /** The URL of the pod whose turn it is. Throws if none is ready. */
  choose(): string {
    const addresses = this.#addresses;
    this.#next += 1;
    const address = addresses[this.#next % addresses.length];
    if (address === undefined) throw new Error('no pod is ready');
    return `http://${address}:${this.#port}`;
  }

  get #addresses(): readonly string[] {
    return [...this.#ready.values()].flat();
  }

  async #follow({ api, name, ended }: Workspace, service: string): Promise<void> {
    const of = `labelSelector=kubernetes.io%2Fservice-name%3D${service}`;
    const path = `/apis/discovery.k8s.io/v1/namespaces/${name}/endpointslices?${of}`;
    try {
      for await (const { type, object } of api.watch<EndpointSlice>(path, ended)) {
        const ready = (object.endpoints ?? []).filter(({ conditions }) => conditions.ready);
        const addresses = ready.flatMap((each) => each.addresses);
        this.#ready.set(object.metadata.name, type === 'DELETED' ? [] : addresses);
      }
    } catch (error) {
      if (!ended.aborted) throw error;
    }
  }
}
