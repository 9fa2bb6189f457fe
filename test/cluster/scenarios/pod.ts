import { setTimeout as sleep } from 'node:timers/promises';
import type { BundleStatus, Status } from '../../../sidecar/src/observability/status.ts';
import { type Api, eventually } from '../api.ts';

const LASTGOOD_PORT = 9533;

/** A line of lastgood's log. */
export interface LogLine {
  /** Of the log, in milliseconds. */
  readonly atMs: number;
  readonly msg: string;
  readonly bundle?: string;
  readonly version?: string | null;
  readonly rollout?: string;
  readonly step?: string;
  readonly result?: string;
  readonly outcome?: string;
}

interface ContainerStatus {
  readonly name: string;
  readonly ready: boolean;
  readonly restartCount: number;
  readonly containerID?: string;
  readonly state: Readonly<
    Record<string, { readonly reason?: string; readonly exitCode?: number }>
  >;
  readonly lastState: {
    readonly terminated?: { readonly exitCode: number; readonly reason: string };
  };
}

export interface PodObject {
  readonly metadata: { readonly uid: string; readonly name: string };
  readonly status: {
    readonly phase: string;
    readonly podIP?: string;
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
    readonly initContainerStatuses?: readonly ContainerStatus[];
    readonly containerStatuses?: readonly ContainerStatus[];
  };
}

/** A pod as its users see it: by the API server alone. */
export class Pod {
  readonly #api: Api;
  readonly #namespace: string;
  readonly name: string;

  constructor(api: Api, namespace: string, name: string) {
    this.#api = api;
    this.#namespace = namespace;
    this.name = name;
  }

  get path(): string {
    return `/api/v1/namespaces/${this.#namespace}/pods/${this.name}`;
  }

  read(): Promise<PodObject> {
    return this.#api.get(this.path);
  }

  async container(name: string): Promise<ContainerStatus | undefined> {
    const { status } = await this.read();
    const all = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])];
    return all.find((each) => each.name === name);
  }

  async isReady(): Promise<boolean> {
    const { status } = await this.read();
    return status.conditions?.find(({ type }) => type === 'Ready')?.status === 'True';
  }

  async ready(): Promise<void> {
    await eventually(`${this.name} to be ready`, async () => (await this.isReady()) || undefined);
  }

  /**
   * Resolves when the pod is ready and no rollout is under way. A ready pod may still confirm its first
   * version, and an edit that comes before the end of that is another case. The log may get its line a moment
   * after the status has changed, and would then seem to be of a later edit.
   */
  async steady(): Promise<void> {
    await this.ready();
    await eventually(`${this.name} to be steady`, async () => {
      const bundles = await this.bundles();
      if (bundles.some(({ phase }) => phase !== 'steady')) return undefined;
      const lines = await this.log();
      const ended = new Set(lines.map(({ rollout, outcome }) => outcome && rollout));
      return lines.every(({ rollout }) => rollout === undefined || ended.has(rollout)) || undefined;
    });
  }

  /** The URL of a port, by way of the API server. */
  url(port: number): string {
    return `${this.#api.url}${this.path}:${port}/proxy`;
  }

  async bundles(): Promise<Status['bundles']> {
    const response = await fetch(`${this.url(LASTGOOD_PORT)}/status`);
    return ((await response.json()) as Status).bundles;
  }

  /** A bundle, as `/status` of lastgood shows it; the first one without a name. */
  async bundle(name?: string): Promise<BundleStatus> {
    const found = (await this.bundles()).find(
      ({ bundle }) => name === undefined || bundle === name,
    );
    if (found === undefined) throw new Error(`/status does not show ${name ?? 'a bundle'}`);
    return found;
  }

  async logText(container: string, previous = false): Promise<string> {
    const query = `container=${container}&timestamps=true&previous=${previous}`;
    const response = await fetch(`${this.#api.url}${this.path}/log?${query}`);
    return response.text();
  }

  async log(container = 'lastgood', previous = false): Promise<readonly LogLine[]> {
    const text = await this.logText(container, previous);
    return text.split('\n').flatMap((line) => parseLine(line) ?? []);
  }

  /** The first line that the log has since a time, or gets. */
  line(what: string, sinceMs: number, isIt: (line: LogLine) => boolean): Promise<LogLine> {
    return eventually(what, async () => {
      const lines = await this.log();
      return lines.find((line) => line.atMs >= sinceMs && isIt(line));
    });
  }

  /** The end of a rollout, of one bundle if it is named. */
  outcome(outcome: string, sinceMs: number, bundle?: string): Promise<LogLine> {
    const isOf = (line: LogLine) => bundle === undefined || line.bundle === bundle;
    const what = `${outcome} ${bundle ?? ''}`;
    return this.line(what, sinceMs, (line) => line.outcome === outcome && isOf(line));
  }

  /** What the events of the pod say, as `kubectl describe` shows them. */
  async eventMessages(): Promise<readonly string[]> {
    const of = `involvedObject.name%3D${this.name}`;
    const path = `/api/v1/namespaces/${this.#namespace}/events?fieldSelector=${of}`;
    const { items } = await this.#api.get<{ items: { message: string }[] }>(path);
    return items.map(({ message }) => message);
  }

  /** Makes the kubelet look at the volumes now, and not at its next round. */
  async refresh(): Promise<void> {
    // The kubelet sees the new object only a moment after the API server has it.
    await sleep(500);
    const annotations = { 'lastgood.dev/refreshed': String(Date.now()) };
    await this.#api.patch(this.path, { metadata: { annotations } });
  }
}

/** `app 0 lastgood 0`: the exit code of each container, or a dash while it runs. */
export function exitCodesOf({ status }: PodObject): string {
  const codeOf = (container: PodObject['status']['containerStatuses']) =>
    container?.[0]?.state.terminated?.exitCode ?? '-';
  return `app ${codeOf(status.containerStatuses)} lastgood ${codeOf(status.initContainerStatuses)}`;
}

/** A line of the log after its time; undefined if it is not of lastgood's log. */
function parseLine(text: string): LogLine | undefined {
  const [, time = '', line = ''] = /^(\S+) (\{.*\})$/.exec(text) ?? [];
  if (line === '') return undefined;
  return { ...JSON.parse(line), atMs: Date.parse(time) };
}
