import * as z from 'zod';

/** A ConfigMap or a Secret: the bytes of each key, decoded. */
export interface ConfigObject {
  readonly kind: 'ConfigMap' | 'Secret';
  readonly namespace: string;
  readonly name: string;
  readonly immutable: boolean;
  readonly files: ReadonlyMap<string, Buffer>;
}

/** The kubelet's view of a pod, or of the pods from a workload's template. */
export interface Pod {
  readonly kind: 'Pod';
  readonly namespace: string;
  /** Of a template: the workload's own name, since a real pod's has a random suffix. */
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly serviceAccount: string;
  readonly fsGroup: number | undefined;
  /** The `runAsUser` that all containers share, if they do. */
  readonly user: number | undefined;
  readonly volumes: readonly Volume[];
}

/** The key of an object in a manifest: one name per kind and namespace. */
export function objectKey(kind: ConfigObject['kind'], namespace: string, name: string): string {
  return `${kind}/${namespace}/${name}`;
}

const Name = z
  .string()
  .max(253)
  .regex(/^[a-z0-9]([-.a-z0-9]*[a-z0-9])?$/, 'must be lower-case letters, digits, "-" and "."');
const Key = z
  .string()
  .max(253)
  .regex(/^(?!\.\.)[-._a-zA-Z0-9]+$/, 'must be letters, digits, "-", "_", "." and not begin ".."');
const Texts = z.record(z.string(), z.string()).nullish();
const Mode = z.int().min(0).max(0o777, 'must be between 0 and 0777 octal (511 decimal)').nullish();

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const Base64 = z
  .string()
  .transform((text) => text.replace(/[\r\n]/g, ''))
  .refine((text) => BASE64.test(text), 'must be base64')
  .transform((text) => Buffer.from(text, 'base64'));
const TextData = z.record(Key, z.string()).nullish();
const BinaryData = z.record(Key, Base64).nullish();

const Metadata = z.looseObject({
  name: Name,
  namespace: Name.nullish(),
  labels: Texts,
  annotations: Texts,
});

const bytesOf = (data: Record<string, string> | null | undefined) =>
  Object.entries(data ?? {}).map(([key, text]) => [key, Buffer.from(text)] as const);

const ConfigMapShape = z
  .looseObject({
    metadata: Metadata,
    data: TextData,
    binaryData: BinaryData,
    immutable: z.boolean().nullish(),
  })
  .transform(({ metadata, data, binaryData, immutable }): ConfigObject => {
    const files = new Map([...bytesOf(data), ...Object.entries(binaryData ?? {})]);
    return { ...identityOf(metadata), kind: 'ConfigMap', immutable: immutable === true, files };
  });

const SecretShape = z
  .looseObject({
    metadata: Metadata,
    data: BinaryData,
    stringData: TextData,
    immutable: z.boolean().nullish(),
  })
  .transform(({ metadata, data, stringData, immutable }): ConfigObject => {
    // The API server writes stringData over data.
    const files = new Map([...Object.entries(data ?? {}), ...bytesOf(stringData)]);
    return { ...identityOf(metadata), kind: 'Secret', immutable: immutable === true, files };
  });

const KeyItemShape = z.looseObject({ key: z.string(), path: z.string(), mode: Mode });
const FieldRef = z.looseObject({ fieldPath: z.string() });
const DownwardItemShape = z.looseObject({
  path: z.string(),
  mode: Mode,
  fieldRef: FieldRef.nullish(),
});
const TokenShape = z.looseObject({
  path: z.string(),
  audience: z.string().nullish(),
  expirationSeconds: z.int().positive().nullish(),
});
const ObjectShape = z.looseObject({
  name: Name,
  items: z.array(KeyItemShape).nullish(),
  optional: z.boolean().nullish(),
});
const DownwardShape = z.looseObject({ items: z.array(DownwardItemShape).nullish() });
const SourceShape = z.looseObject({
  configMap: ObjectShape.nullish(),
  secret: ObjectShape.nullish(),
  downwardAPI: DownwardShape.nullish(),
  serviceAccountToken: TokenShape.nullish(),
});
const defaults = { defaultMode: Mode };
const VolumeShape = z.looseObject({
  name: Name,
  configMap: ObjectShape.extend(defaults).nullish(),
  secret: ObjectShape.omit({ name: true })
    .extend({ ...defaults, secretName: Name })
    .nullish(),
  downwardAPI: DownwardShape.extend(defaults).nullish(),
  projected: z.looseObject({ ...defaults, sources: z.array(SourceShape).nullish() }).nullish(),
});

export type KeyItem = z.infer<typeof KeyItemShape>;
export type DownwardItem = z.infer<typeof DownwardItemShape>;
export type TokenProjection = z.infer<typeof TokenShape>;
export type ProjectedSource = z.infer<typeof SourceShape>;
export type Volume = z.infer<typeof VolumeShape>;

const Security = z
  .looseObject({ runAsUser: z.int().nullish(), fsGroup: z.int().nullish() })
  .nullish();
const Containers = z.array(z.looseObject({ securityContext: Security })).nullish();
const PodSpec = z.looseObject({
  volumes: z.array(VolumeShape).nullish(),
  serviceAccountName: z.string().nullish(),
  securityContext: Security,
  initContainers: Containers,
  containers: Containers,
});
const TemplateMetadata = z.looseObject({ labels: Texts, annotations: Texts }).nullish();
const Template = z.looseObject({ metadata: TemplateMetadata, spec: PodSpec });
const JobSpec = z.looseObject({ template: Template });

const PodShape = z
  .looseObject({ metadata: Metadata, spec: PodSpec })
  .transform(({ metadata, spec }) => podOf(metadata, metadata, spec));
const WorkloadShape = z
  .looseObject({ metadata: Metadata, spec: JobSpec })
  .transform(({ metadata, spec }) => podOf(metadata, spec.template.metadata, spec.template.spec));
const CronJobShape = z
  .looseObject({
    metadata: Metadata,
    spec: z.looseObject({ jobTemplate: z.looseObject({ spec: JobSpec }) }),
  })
  .transform(({ metadata, spec }) => {
    const { template } = spec.jobTemplate.spec;
    return podOf(metadata, template.metadata, template.spec);
  });

/** What each kind of object becomes; every other kind of a manifest is of no use to a kubelet. */
export const SHAPES: Readonly<Record<string, z.ZodType<ConfigObject | Pod>>> = {
  ConfigMap: ConfigMapShape,
  Secret: SecretShape,
  Pod: PodShape,
  Deployment: WorkloadShape,
  StatefulSet: WorkloadShape,
  DaemonSet: WorkloadShape,
  ReplicaSet: WorkloadShape,
  Job: WorkloadShape,
  CronJob: CronJobShape,
};

function identityOf({ name, namespace }: z.infer<typeof Metadata>) {
  return { name, namespace: namespace ?? 'default' };
}

function podOf(
  owner: z.infer<typeof Metadata>,
  metadata: z.infer<typeof TemplateMetadata>,
  spec: z.infer<typeof PodSpec>,
): Pod {
  return {
    ...identityOf(owner),
    kind: 'Pod',
    labels: metadata?.labels ?? {},
    annotations: metadata?.annotations ?? {},
    serviceAccount: spec.serviceAccountName ?? 'default',
    fsGroup: spec.securityContext?.fsGroup ?? undefined,
    user: sharedUser(spec),
    volumes: spec.volumes ?? [],
  };
}

/** Source: kubelet pkg/volume/util/util.go, `FsUserFrom`. */
function sharedUser(spec: z.infer<typeof PodSpec>): number | undefined {
  const containers = [...(spec.initContainers ?? []), ...(spec.containers ?? [])];
  const users = containers.map(
    ({ securityContext }) => securityContext?.runAsUser ?? spec.securityContext?.runAsUser,
  );
  return new Set(users).size === 1 ? (users[0] ?? undefined) : undefined;
}
