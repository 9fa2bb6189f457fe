import { readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DEADLINE_MS } from '../../deadline.ts';
import { App } from '../../demo/app.ts';
import { Child } from '../../demo/child.ts';
import { DemoFailure } from '../../demo/failure.ts';
import { EXAMPLE } from '../../demo/pod.ts';
import { Sidecar } from '../../demo/sidecar.ts';
import type { StoryStage } from '../../demo/stage.ts';
import { Traffic } from '../../demo/traffic.ts';
import { type Published, readPublished, type Volumes } from '../../demo/volumes.ts';
import { Api, eventually } from '../api.ts';
import type { Cluster, Node } from '../cluster.ts';
import { kubectl } from '../kubectl.ts';
import { killContainer } from '../scenarios/containers.ts';
import { Pod } from '../scenarios/pod.ts';

const NAMESPACE = 'default';
const POD = 'inference-server';
const CONFIG_MAP = `/api/v1/namespaces/${NAMESPACE}/configmaps/model-config`;
const LOOK_EVERY_MS = 2;

/** What the story calls a moment is one of `performance.now`. */
type Moment = number;

/** The pod of the example on a real node, as it is in the repository. */
export class ClusterStage implements StoryStage {
  readonly holdMs = 5_000;
  readonly editing = 'kubectl edit configmap model-config';
  /** What the kubelet took for each edit. */
  readonly swapsMs: number[] = [];
  readonly #kubeconfig: string;
  readonly #node: Node;
  readonly #api: Api;
  readonly #pod: Pod;
  readonly #children: Child[] = [];
  #sidecar: Sidecar | undefined;
  #app: App | undefined;
  #traffic: Traffic | undefined;
  #address = '';
  #volumes: Volumes | undefined;
  #starts = 0;

  static async open({ kubeconfig, node }: Cluster): Promise<ClusterStage> {
    if (node === undefined) throw new DemoFailure('the demo needs a node of this machine');
    return new ClusterStage(kubeconfig, node, await Api.open(kubeconfig));
  }

  private constructor(kubeconfig: string, node: Node, api: Api) {
    this.#kubeconfig = kubeconfig;
    this.#node = node;
    this.#api = api;
    this.#pod = new Pod(api, NAMESPACE, POD);
  }

  get sidecar(): Sidecar {
    return present(this.#sidecar, 'the sidecar');
  }

  get app(): App {
    return present(this.#app, 'the app');
  }

  get traffic(): Traffic {
    return present(this.#traffic, 'the traffic');
  }

  /** The manifest of the example has the first content. */
  async configure(text: string): Promise<Moment | undefined> {
    if (this.#volumes === undefined) return performance.now();
    const data = join(this.#volumes.source, '..data');
    const before = readlinkSync(data);
    const editedMs = performance.now();
    await this.#api.patch(CONFIG_MAP, { data: { 'config.yaml': text } });
    while (readlinkSync(data) === before) {
      if (performance.now() > editedMs + DEADLINE_MS) return undefined;
      await sleep(LOOK_EVERY_MS);
    }
    this.swapsMs.push(performance.now() - editedMs);
    return performance.now();
  }

  async startSidecar(): Promise<Sidecar> {
    if (this.#starts === 0) {
      const { status, stderr } = kubectl(this.#kubeconfig, ['apply', '-k', EXAMPLE]);
      if (status !== 0) throw new DemoFailure(`kubectl apply -k: ${stderr}`);
    }
    await this.#running('lastgood', this.#starts);
    this.#starts += 1;
    await this.#locate();
    this.#sidecar = new Sidecar(this.#follow('lastgood'), `http://${this.#address}:9533`);
    await this.#sidecar.ready();
    return this.#sidecar;
  }

  async killSidecar(): Promise<void> {
    await killContainer(this.#node, this.#pod, 'lastgood');
    await this.sidecar.child.ended();
  }

  async startApp(): Promise<App> {
    await this.#running(POD, 0);
    const child = this.#follow(POD);
    await child.find('its port', (line) => line.includes('listening on port') || undefined);
    this.#app = new App(child, `http://${this.#address}:8080`);
    this.#traffic = new Traffic(this.#app);
    return this.#app;
  }

  published(): Published {
    return readPublished(this.volumes);
  }

  get volumes(): Volumes {
    return present(this.#volumes, 'the pod');
  }

  async close(): Promise<void> {
    await this.#traffic?.stop();
    await Promise.all(this.#children.map((child) => child.stop()));
    await this.#api.close();
  }

  async #running(container: string, restarts: number): Promise<void> {
    await eventually(`${container} to run`, async () => {
      const status = await this.#pod.container(container);
      const isNew = status?.restartCount === restarts && status.state.running !== undefined;
      return isNew || undefined;
    });
  }

  /** The address of the pod, and where the kubelet keeps its volumes on this machine. */
  async #locate(): Promise<void> {
    const { metadata, status } = await this.#pod.read();
    this.#address = status.podIP ?? '';
    const volumes = join(this.#node.dir, 'kubelet/pods', metadata.uid, 'volumes');
    const [configMaps, directories] = ['kubernetes.io~configmap', 'kubernetes.io~empty-dir'];
    this.#volumes = {
      settings: join(volumes, configMaps, 'settings'),
      source: join(volumes, configMaps, 'source'),
      live: join(volumes, directories, 'live'),
      state: join(volumes, directories, 'state'),
    };
  }

  #follow(container: string): Child {
    const args = ['logs', '--follow', '--namespace', NAMESPACE, POD, '--container', container];
    const env = { ...process.env, KUBECONFIG: this.#kubeconfig };
    const child = new Child(container, args, { command: 'kubectl', env });
    this.#children.push(child);
    return child;
  }
}

function present<T>(value: T | undefined, name: string): T {
  if (value === undefined) throw new DemoFailure(`${name} has not been started`);
  return value;
}
