import type { ConfigVolume } from './pod.ts';

/** The label of pods with lastgood, for a PodMonitor and a NetworkPolicy. */
export const POD_LABEL = { 'lastgood.dev/sidecar': 'true' };

export const SIDECAR = 'lastgood';
export const SETTINGS_VOLUME = 'lastgood-settings';
export const STATE_VOLUME = 'lastgood-state';
export const RUN_VOLUME = 'lastgood-run';
export const RUN_DIR = '/lastgood/run';

/** Each object of a ConfigMap or Secret is at most 1 MiB: room for versions of a few. */
const VOLUME_SIZE = '16Mi';

/** The limit of `deploy/` too. */
export const MEMORY_LIMIT = '64Mi';

/** What a mode needs of the container and the volumes of lastgood. */
export interface SidecarOptions {
  readonly image: string;
  readonly port: number;
  readonly args: readonly string[];
  readonly mounts: readonly object[];
  /** The user of the app, which a signal needs. */
  readonly runAsUser?: number | undefined;
}

/**
 * The container of lastgood as a native sidecar. It meets the Pod Security Standard "restricted", whatever
 * the pod sets. As in deploy/kustomize/sidecar/sidecar.yaml.
 */
export function sidecarContainer({ image, port, args, mounts, runAsUser }: SidecarOptions) {
  return {
    name: SIDECAR,
    image,
    restartPolicy: 'Always',
    args,
    ports: [{ name: 'lastgood', containerPort: port, protocol: 'TCP' }],
    startupProbe: {
      httpGet: { path: '/readyz', port: 'lastgood' },
      periodSeconds: 1,
      failureThreshold: 300,
    },
    livenessProbe: { httpGet: { path: '/healthz', port: 'lastgood' } },
    resources: {
      requests: { cpu: '50m', memory: '32Mi' },
      limits: { cpu: '100m', memory: MEMORY_LIMIT },
    },
    securityContext: {
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
      readOnlyRootFilesystem: true,
      runAsNonRoot: true,
      ...(runAsUser === undefined ? {} : { runAsUser }),
      seccompProfile: { type: 'RuntimeDefault' },
    },
    volumeMounts: mounts,
  };
}

/** Where the sidecar has the volume of the kubelet. */
export function sourcePath(volume: string): string {
  return `/lastgood/source/${volume}`;
}

/** Where the sidecar publishes, into the volume that the app mounts. */
export function livePath(volume: string): string {
  return `/lastgood/live/${volume}`;
}

/** The name of the volume of the kubelet, once an emptyDir has its name. */
export function sourceName(volume: string): string {
  return `${volume}-source`;
}

/** Of a Secret, lastgood keeps copies in memory, as the kubelet does. */
export function emptyDirFor(volumes: readonly Pick<ConfigVolume, 'secret'>[]) {
  const isSecret = volumes.some(({ secret }) => secret);
  return { emptyDir: { ...(isSecret ? { medium: 'Memory' } : {}), sizeLimit: VOLUME_SIZE } };
}
