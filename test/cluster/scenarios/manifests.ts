/** Pods of the tests that are not those of the examples. */
import { EXAMPLE } from '../../demo/pod.ts';
import { objectOf } from './example.ts';
import { buildKustomization, type Manifest } from './workspace.ts';

export interface PodOptions {
  readonly name: string;
  /** Of lastgood, which finds the source at /lastgood/source and publishes to /lastgood/live. */
  readonly settings: object;
  /** The volume that the kubelet keeps up to date. */
  readonly source: object;
  /** Where the app has the published directory. */
  readonly mountedAt: string;
  /** The app, a module of Node. */
  readonly program: string;
  readonly medium?: 'Memory';
  readonly securityContext?: object;
  readonly sidecarUser?: number;
  /** Lets lastgood see the process of the app, `app.mjs`. */
  readonly shareProcessNamespace?: boolean;
  /** Of the app. */
  readonly envFrom?: readonly object[];
  /** Further volumes of the sidecar, by where they are mounted. */
  readonly volumes?: Readonly<Record<string, Manifest>>;
}

/** Limits of lastgood in `deploy/` and in the example, and what it requests there. */
export const DEPLOYED = {
  requests: { cpu: '50m', memory: '32Mi' },
  limits: { cpu: '100m', memory: '64Mi' },
};

/** Settings with one bundle `config`, for a pod whose app has it at /config. `rest` is what happens with a change. */
export function settingsOf(rest: object): object {
  const bundle = {
    name: 'config',
    volumes: [{ path: '/lastgood/source' }],
    publish: '/lastgood/live',
    mountedAt: '/config',
    ...rest,
  };
  return { stateDir: '/lastgood/state', bundles: [bundle] };
}

/** The pod of the example with another app, and the ConfigMap with both programs' settings. */
export function makePod(options: PodOptions): readonly Manifest[] {
  const { name, settings, source, mountedAt, program, medium, envFrom } = options;
  const pod = objectOf(buildKustomization(EXAMPLE), 'Pod', 'inference-server');
  const [sidecar] = pod.spec.initContainers;
  const [app] = pod.spec.containers;
  pod.metadata = { name };
  Object.assign(pod.spec.securityContext, options.securityContext);
  if (options.shareProcessNamespace) pod.spec.shareProcessNamespace = true;
  if (options.sidecarUser !== undefined) sidecar.securityContext.runAsUser = options.sidecarUser;
  const further = Object.entries(options.volumes ?? {});
  sidecar.volumeMounts = [
    { name: 'settings', mountPath: '/etc/lastgood', readOnly: true },
    { name: 'source', mountPath: '/lastgood/source', readOnly: true },
    { name: 'live', mountPath: '/lastgood/live' },
    { name: 'state', mountPath: '/lastgood/state' },
    ...further.map(([mountPath, { name, subPath }]) => ({ name, mountPath, subPath })),
  ];
  app.command = ['node', '/program/app.mjs'];
  if (envFrom !== undefined) app.envFrom = envFrom;
  delete app.args;
  delete app.readinessProbe;
  app.volumeMounts = [
    { name: 'live', mountPath: mountedAt, readOnly: true },
    { name: 'settings', mountPath: '/program', readOnly: true },
  ];
  const emptyDir = { sizeLimit: '16Mi', ...(medium === undefined ? {} : { medium }) };
  pod.spec.volumes = [
    { name: 'settings', configMap: { name: `${name}-settings` } },
    { name: 'source', ...source },
    { name: 'live', emptyDir },
    { name: 'state', emptyDir },
    ...further.map(([, { subPath: _, ...volume }]) => volume),
  ];
  const data = { 'lastgood.yaml': JSON.stringify(settings), 'app.mjs': program };
  const metadata = { name: `${name}-settings` };
  return [{ apiVersion: 'v1', kind: 'ConfigMap', metadata, data }, pod];
}
