import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { ROOT } from '../../../docs/repository.ts';
import { eventually } from '../../api.ts';
import type { Pod } from '../pod.ts';
import { buildKustomization, type Manifest, Workspace } from '../workspace.ts';

export const EXAMPLES = join(ROOT, 'examples/kubernetes');

/** What `viewer.mjs` answers to `GET /`. */
export interface Shown {
  readonly startedAt: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly files: Readonly<Record<string, string>>;
}

/** An example in a new restricted namespace. */
export class ExampleRun {
  readonly workspace: Workspace;
  readonly #t: TestContext;

  /** Applies the kustomization of a folder of `examples/kubernetes`, once the cluster is prepared for it. */
  static async start(
    t: TestContext,
    folder: string,
    prepare: (workspace: Workspace) => Promise<void> = async () => undefined,
  ): Promise<ExampleRun> {
    const workspace = await Workspace.create(t, folder.replaceAll('/', '-'));
    await prepare(workspace);
    const run = new ExampleRun(t, workspace);
    run.apply(buildKustomization(join(EXAMPLES, folder)));
    return run;
  }

  private constructor(t: TestContext, workspace: Workspace) {
    this.#t = t;
    this.workspace = workspace;
  }

  /** Applies objects to this namespace, whichever they name. */
  apply(objects: readonly Manifest[]): void {
    const inside = objects.filter(({ kind }) => kind !== 'Namespace');
    this.workspace.apply(
      inside.map(({ metadata: { namespace: _, ...metadata }, ...rest }) => ({ ...rest, metadata })),
    );
  }

  /** The pod of a Deployment, once it is ready and its rollouts have ended. */
  async steadyPod(app: string): Promise<Pod> {
    const [pod] = await this.steadyPods(app, 1);
    return pod as Pod;
  }

  /** So many pods of a Deployment, once they are ready and their rollouts have ended. */
  async steadyPods(app: string, count: number): Promise<readonly Pod[]> {
    const { api, name } = this.workspace;
    const path = `/api/v1/namespaces/${name}/pods?labelSelector=app%3D${app}`;
    const pods = await eventually(`${count} of the pods of ${app}`, async () => {
      const { items } = await api.get<{ items: readonly Manifest[] }>(path);
      if (items.length !== count) return undefined;
      return items.map(({ metadata }) => this.workspace.pod(metadata.name));
    });
    for (const pod of pods) {
      await pod.ready();
      if ((await pod.container('lastgood')) !== undefined) await pod.steady();
    }
    return pods;
  }

  /** Sets keys of a ConfigMap, or of a Secret as texts. */
  async edit(
    kind: 'configmaps' | 'secrets',
    name: string,
    data: Readonly<Record<string, string>>,
  ): Promise<void> {
    const path = `/api/v1/namespaces/${this.workspace.name}/${kind}/${name}`;
    const change = kind === 'secrets' ? { stringData: data } : { data };
    await this.workspace.api.patch(path, change);
  }

  async readSecret(name: string, key: string): Promise<string> {
    const path = `/api/v1/namespaces/${this.workspace.name}/secrets/${name}`;
    const { data } = await this.workspace.api.get<Manifest>(path);
    return Buffer.from(data[key], 'base64').toString();
  }

  report(line: string): void {
    this.#t.diagnostic(line);
  }
}

/** What the app of the examples shows. */
export async function show(pod: Pod): Promise<Shown> {
  const response = await fetch(`${pod.url(8080)}/`);
  if (!response.ok) throw new Error(await response.text());
  return (await response.json()) as Shown;
}

/** Ends the app, and resolves once the kubelet has started it again. */
export async function restartApp(pod: Pod): Promise<void> {
  const { startedAt } = await show(pod);
  await fetch(`${pod.url(8080)}/exit`, { method: 'POST' });
  await startedAfter(pod, startedAt);
}

export async function startedAfter(pod: Pod, startedAt: string): Promise<Shown> {
  return eventually(`a restart of ${pod.name}`, async () => {
    const shown = await show(pod);
    return shown.startedAt > startedAt ? shown : undefined;
  });
}

/** The first two columns of the table in the README of an example: what is edited, and when it counts. */
export function readTable(folder: string): Readonly<Record<string, string>> {
  const readme = readFileSync(join(EXAMPLES, folder, 'README.md'), 'utf8');
  const [, table = ''] = /\n\| what [^\n]*\n\| ---[^\n]*\n((?:\|[^\n]*\n)+)/.exec(readme) ?? [];
  const rows = table
    .trim()
    .split('\n')
    .map((row) => row.split('|').map((cell) => cell.trim()));
  return Object.fromEntries(
    rows.map(([, what = '', when = '']) => [what.replaceAll('`', ''), when]),
  );
}
