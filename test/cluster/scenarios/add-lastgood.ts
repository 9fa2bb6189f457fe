/** The three ways in which the docs add lastgood to a Deployment. */
import { spawnSync } from 'node:child_process';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { TestContext } from 'node:test';
import { loadAll } from 'js-yaml';
import { renderChart } from '../../deploy/helm.ts';
import { temporaryDirectory } from '../../kubelet/temporary-directory.ts';
import { readSettings } from './deploy-page.ts';
import { buildKustomization, type Manifest } from './workspace.ts';

const FIXTURES = join(import.meta.dirname, 'fixtures');
const ROOT = join(import.meta.dirname, '../../..');

/** A Deployment and the objects that it needs, in a file that knows nothing of lastgood. */
export interface App {
  readonly name: string;
  /** The key of the ConfigMap of that name which the app reads as `config.yaml`. */
  readonly key: string;
  /** Of `lastgood inject`. */
  readonly flags: readonly string[];
}

const WEBHOOK = ['--webhook', 'http://localhost:8080/admin/reload'];

export const APPS: readonly App[] = [
  { name: 'web', key: 'config.yaml', flags: WEBHOOK },
  // Its reloader has the URL.
  { name: 'ml-inference', key: 'config.yaml', flags: [] },
  { name: 'gateway', key: 'gateway.yaml', flags: WEBHOOK },
];

/** The ways, as functions that make the manifests of all apps. */
export const WAYS: Readonly<Record<string, (t: TestContext) => readonly Manifest[]>> = {
  kustomize: addByKustomize,
  helm: addByHelm,
  inject: () => APPS.flatMap((app) => loadAll(inject(app)) as Manifest[]),
};

export function readApp({ name }: App): string {
  return readFileSync(join(FIXTURES, 'deployments', `${name}.yaml`), 'utf8');
}

/** What `lastgood inject` prints for the app. */
export function inject(app: App): string {
  return runLastgood(['inject', ...app.flags], readApp(app));
}

/** Runs a command from source. Throws if it fails. */
export function runLastgood(argv: readonly string[], input: string): string {
  const main = join(ROOT, 'sidecar/src/main.ts');
  const run = spawnSync(process.execPath, [main, ...argv], { input, encoding: 'utf8' });
  if (run.status !== 0) throw new Error(run.stderr);
  return run.stdout;
}

/** One kustomization with all apps, as in deploy/README.md. */
function addByKustomize(t: TestContext): readonly Manifest[] {
  const dir = temporaryDirectory(t);
  cpSync(join(FIXTURES, 'deployments'), dir, { recursive: true });
  writeFileSync(join(dir, 'lastgood.yaml'), readSettings());
  const kustomization = {
    resources: APPS.map(({ name }) => `${name}.yaml`),
    components: [relative(dir, join(ROOT, 'deploy/kustomize/publish'))],
    configMapGenerator: [{ name: 'lastgood-settings', files: ['lastgood.yaml'] }],
    patches: [{ patch: JSON.stringify(WITHOUT_RELOADER) }],
  };
  writeFileSync(join(dir, 'kustomization.yaml'), JSON.stringify(kustomization));
  return buildKustomization(dir);
}

/** lastgood does its job. */
const RELOADER = 'config-reloader';
const WITHOUT_RELOADER = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'ml-inference' },
  spec: { template: { spec: { containers: [{ name: RELOADER, $patch: 'delete' }] } } },
};

/** A chart whose values have the pods. */
function addByHelm(t: TestContext): readonly Manifest[] {
  const objects = APPS.flatMap((app) => loadAll(readApp(app)) as Manifest[]);
  const deployments = objects.filter(({ kind }) => kind === 'Deployment');
  const apps = Object.fromEntries(deployments.map((each) => [each.metadata.name, valuesOf(each)]));
  const settings = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'lastgood-settings' },
    data: { 'lastgood.yaml': readSettings() },
  };
  const others = objects.filter(({ kind }) => kind !== 'Deployment');
  return [...others, settings, ...renderChart(t, { apps }, join(FIXTURES, 'chart'))];
}

function valuesOf({ spec }: Manifest): Manifest {
  const { containers, initContainers, volumes, ...rest } = spec.template.spec;
  const isConfig = ({ name }: Manifest) => name === 'config';
  const { name: _, ...source } = volumes.find(isConfig);
  return {
    source,
    volumes: volumes.filter((volume: Manifest) => !isConfig(volume)),
    initContainers,
    pod: { ...rest, containers: containers.filter(({ name }: Manifest) => name !== RELOADER) },
  };
}
