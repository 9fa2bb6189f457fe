import { createHash } from 'node:crypto';
import type { ConfigVolume } from './pod.ts';

/** The label of pods with lastgood, for a PodMonitor and a NetworkPolicy. */
export const POD_LABEL = { 'lastgood.dev/sidecar': 'true' };

export const SIDECAR = 'lastgood';

/** The port of configmap-reload too, and that of `lastgood-ready` without an argument. */
export const DEFAULT_PORT = 9533;

/** The key of the settings in their ConfigMap. */
export const SETTINGS_FILE = 'lastgood.yaml';
export const SETTINGS_DIR = '/etc/lastgood';

export const SETTINGS_VOLUME = 'lastgood-settings';
export const STATE_VOLUME = 'lastgood-state';
export const RUN_VOLUME = 'lastgood-run';
export const RUN_DIR = '/lastgood/run';

/** Each object of a ConfigMap or Secret is at most 1 MiB: room for versions of a few. */
const VOLUME_SIZE = '16Mi';

/** The limits and requests of `deploy/` too. */
export const SIDECAR_LIMITS = { cpu: '100m', memory: '64Mi' } as const;
export const SIDECAR_REQUESTS = { cpu: '50m', memory: '32Mi' } as const;

/** What a mode needs of the container and the volumes of lastgood. */
export interface SidecarOptions {
  readonly image: string;
  readonly port: number;
  readonly args: readonly string[];
  readonly mounts: readonly object[];
  /** The class of the pod: its requests are its limits. */
  readonly isGuaranteed: boolean;
  /** The user of the app, which a signal needs. */
  readonly runAsUser?: number | undefined;
}

/**
 * The container of lastgood as a native sidecar. It meets the Pod Security Standard "restricted", whatever
 * the pod sets. As in deploy/kustomize/sidecar/sidecar.yaml.
 */
export function sidecarContainer(options: SidecarOptions) {
  const { image, port, args, mounts, isGuaranteed, runAsUser } = options;
  return {
    name: SIDECAR,
    image,
    restartPolicy: 'Always',
    args,
    ports: [{ name: 'lastgood', containerPort: port, protocol: 'TCP' }],
    startupProbe: {
      exec: {
        command: ['lastgood-ready', ...(port === DEFAULT_PORT ? [] : [`127.0.0.1:${port}`])],
      },
      initialDelaySeconds: 1,
      periodSeconds: 1,
      timeoutSeconds: 5,
      failureThreshold: 300,
    },
    livenessProbe: { httpGet: { path: '/healthz', port: 'lastgood' } },
    terminationMessagePolicy: 'FallbackToLogsOnError',
    resources: {
      requests: isGuaranteed ? SIDECAR_LIMITS : SIDECAR_REQUESTS,
      limits: SIDECAR_LIMITS,
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
  return nameWith(volume, '-source', MAX_LABEL_LENGTH);
}

/** The name of the ConfigMap with the settings. */
export function settingsName(workload: string): string {
  return nameWith(workload, '-lastgood', MAX_NAME_LENGTH);
}

/** Source: Kubernetes apimachinery pkg/util/validation, DNS1123LabelMaxLength and DNS1123SubdomainMaxLength. */
const MAX_LABEL_LENGTH = 63;
const MAX_NAME_LENGTH = 253;

/** What is too long is cut, and its digest keeps it apart from others. */
function nameWith(name: string, suffix: string, maxLength: number): string {
  if (name.length + suffix.length <= maxLength) return `${name}${suffix}`;
  const end = `-${createHash('sha256').update(name).digest('hex').slice(0, 8)}${suffix}`;
  // A part of a name must not end with a dot or a dash before the next one.
  return `${name.slice(0, maxLength - end.length).replace(/[.-]+$/, '')}${end}`;
}

/** Of a Secret, lastgood keeps copies in memory, as the kubelet does. */
export function emptyDirFor(volumes: readonly Pick<ConfigVolume, 'secret'>[]) {
  const isSecret = volumes.some(({ secret }) => secret);
  return { emptyDir: { ...(isSecret ? { medium: 'Memory' } : {}), sizeLimit: VOLUME_SIZE } };
}
