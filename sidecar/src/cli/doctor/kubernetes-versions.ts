/** A feature of pods that depends on the version of Kubernetes. */
export interface Feature {
  readonly name: string;
  /** Paths in the spec of a pod, with `[]` for each item of a list. */
  readonly paths: readonly string[];
  /** Only this value is the feature. */
  readonly value?: unknown;
  /** The minor version of Kubernetes 1 with the feature gate, which is off. */
  readonly gateSince: number;
  /** The minor version from which on it is on by default; undefined: not yet. */
  readonly onSince: number | undefined;
  /** The feature gate. */
  readonly gate: string;
  readonly use: string;
}

/**
 * The only place that says which version has what: for doctor and docs/kubernetes.md.
 *
 * Source: Kubernetes documentation, feature gates
 */
export const FEATURES: readonly Feature[] = [
  {
    name: 'Native sidecars',
    paths: ['initContainers[].restartPolicy'],
    value: 'Always',
    gateSince: 28,
    onSince: 29,
    gate: 'SidecarContainers',
    use: 'lastgood starts before the app, and stops after it',
  },
  {
    name: 'User namespaces',
    paths: ['hostUsers'],
    value: false,
    gateSince: 25,
    onSince: 33,
    gate: 'UserNamespacesSupport',
    use: 'root in the container is another user on the node',
  },
  {
    name: 'In-place resize',
    paths: ['containers[].resizePolicy', 'initContainers[].resizePolicy'],
    gateSince: 27,
    onSince: 33,
    gate: 'InPlacePodVerticalScaling',
    use: 'more memory for a sidecar without a new pod',
  },
  {
    name: 'Resources of the pod',
    paths: ['resources'],
    gateSince: 32,
    onSince: 34,
    gate: 'PodLevelResources',
    use: 'the app and lastgood share one limit',
  },
  {
    name: 'Image volumes',
    paths: ['volumes[].image'],
    gateSince: 31,
    onSince: 35,
    gate: 'ImageVolume',
    use: 'the schema comes from the image of the app',
  },
  {
    name: 'Variables from a file',
    paths: [
      'containers[].env[].valueFrom.fileKeyRef',
      'initContainers[].env[].valueFrom.fileKeyRef',
    ],
    gateSince: 34,
    onSince: 35,
    gate: 'EnvFiles',
    use: 'the environment of the app comes from the last good version',
  },
  {
    name: 'Restart rules',
    paths: ['containers[].restartPolicyRules', 'containers[].restartPolicy'],
    gateSince: 34,
    onSince: 35,
    gate: 'ContainerRestartRules',
    use: 'exit codes decide whether a container starts again',
  },
  {
    name: 'Pod certificates',
    paths: ['volumes[].projected.sources[].podCertificate'],
    gateSince: 34,
    onSince: undefined,
    gate: 'PodCertificateRequest',
    use: 'a certificate that the kubelet renews in the volume',
  },
];

/** The minor version from which on something is off by default. */
export const OFF_SINCE = { gitRepo: 33 } as const;
