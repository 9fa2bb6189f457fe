import type { Payload, ProjectedFile } from './atomic-writer.ts';
import { downwardField } from './downward-field.ts';
import {
  type ConfigObject,
  type DownwardItem,
  type KeyItem,
  objectKey,
  type Pod,
  type ProjectedSource,
  type TokenProjection,
  type Volume,
} from './manifest-shapes.ts';
import { VolumeRefusal } from './refusal.ts';
import type { TokenIssuer } from './token-issuer.ts';

/** What a volume is made from, beside its own definition. */
export interface Cluster {
  readonly pod: Pod;
  /** ConfigMaps and Secrets by {@link objectKey}. */
  readonly objects: ReadonlyMap<string, ConfigObject>;
  readonly tokens: TokenIssuer;
}

/** A reference to a ConfigMap or Secret, in its own volume or in a projected one. */
interface ObjectSource {
  readonly kind: ConfigObject['kind'];
  readonly name: string;
  readonly items?: readonly KeyItem[] | null | undefined;
  readonly optional?: boolean | null | undefined;
}

const DEFAULT_MODE = 0o644;
const TOKEN_MODE = 0o600;

/** Of what kind a volume is: the name of its source's field, `emptyDir` when it names none. */
export function kindOf(volume: Volume): string {
  const fields = Object.entries(volume).filter(([, value]) => value != null);
  return fields.map(([field]) => field).find((field) => field !== 'name') ?? 'emptyDir';
}

/**
 * The files of a configMap, secret, downwardAPI or projected volume. Throws a {@link VolumeRefusal}
 * with every reason when an object or a key that is not optional is missing.
 * Source: `MakePayload` and `collectData` in kubelet pkg/volume/{configmap,secret,projected}.
 */
export function payloadOf(volume: Volume, cluster: Cluster): Payload {
  const { configMap, secret, downwardAPI, projected } = volume;
  const mode = (configMap ?? secret ?? downwardAPI ?? projected)?.defaultMode ?? DEFAULT_MODE;
  if (configMap != null) return objectFiles({ kind: 'ConfigMap', ...configMap }, mode, cluster);
  if (secret != null) {
    return objectFiles({ kind: 'Secret', ...secret, name: secret.secretName }, mode, cluster);
  }
  if (downwardAPI != null) return downwardFiles(downwardAPI.items ?? [], mode, cluster.pod);
  if (projected != null) return projectedFiles(projected.sources ?? [], mode, cluster);
  throw new VolumeRefusal([`a volume of kind ${kindOf(volume)} is not projected`]);
}

function objectFiles(source: ObjectSource, defaultMode: number, cluster: Cluster): Payload {
  const { kind, name, items, optional } = source;
  const object = cluster.objects.get(objectKey(kind, cluster.pod.namespace, name));
  if (object === undefined && optional !== true) {
    throw new VolumeRefusal([`${kind.toLowerCase()} "${name}" not found`]);
  }
  const held = object?.files ?? new Map<string, Buffer>();
  if (items == null || items.length === 0) {
    return Object.fromEntries([...held].map(([key, bytes]) => [key, { bytes, mode: defaultMode }]));
  }
  const wanted = optional === true ? items.filter(({ key }) => held.has(key)) : items;
  return Object.fromEntries(
    wanted.map((item) => [item.path, itemFile(item, held.get(item.key), source, defaultMode)]),
  );
}

function itemFile(
  item: KeyItem,
  bytes: Buffer | undefined,
  { kind }: ObjectSource,
  defaultMode: number,
): ProjectedFile {
  if (bytes !== undefined) return { bytes, mode: item.mode ?? defaultMode };
  const reason =
    kind === 'ConfigMap'
      ? 'configmap references non-existent config key'
      : 'references non-existent secret key';
  throw new VolumeRefusal([`${reason}: ${item.key}`]);
}

function downwardFiles(items: readonly DownwardItem[], defaultMode: number, pod: Pod): Payload {
  return Object.fromEntries(
    items.map(({ path, mode, fieldRef }) => {
      // Resource fields depend on a node, which this stand-in does not have.
      if (fieldRef == null) throw new VolumeRefusal([`${path}: only fieldRef is supported`]);
      const bytes = downwardField(pod, fieldRef.fieldPath);
      return [path, { bytes, mode: mode ?? defaultMode }];
    }),
  );
}

/** Like the kubelet, gathers the reasons of all sources; of two files of one path the last wins. */
function projectedFiles(
  sources: readonly ProjectedSource[],
  defaultMode: number,
  cluster: Cluster,
): Payload {
  const reasons: string[] = [];
  let files: Payload = {};
  for (const source of sources) {
    try {
      files = { ...files, ...sourceFiles(source, defaultMode, cluster) };
    } catch (error) {
      if (!(error instanceof VolumeRefusal)) throw error;
      reasons.push(...error.reasons);
    }
  }
  if (reasons.length > 0) throw new VolumeRefusal(reasons);
  return files;
}

function sourceFiles(source: ProjectedSource, defaultMode: number, cluster: Cluster): Payload {
  const { configMap, secret, downwardAPI, serviceAccountToken } = source;
  if (configMap != null) {
    return objectFiles({ kind: 'ConfigMap', ...configMap }, defaultMode, cluster);
  }
  if (secret != null) return objectFiles({ kind: 'Secret', ...secret }, defaultMode, cluster);
  if (downwardAPI != null) return downwardFiles(downwardAPI.items ?? [], defaultMode, cluster.pod);
  if (serviceAccountToken != null) return tokenFile(serviceAccountToken, defaultMode, cluster);
  throw new VolumeRefusal([`projected source ${Object.keys(source).join()} is not supported`]);
}

function tokenFile(
  projection: TokenProjection,
  defaultMode: number,
  { pod, tokens }: Cluster,
): Payload {
  const bytes = tokens.tokenFor(pod, projection);
  // With an fsGroup the ownership step widens 0600 to 0640; a shared user becomes the owner.
  const mode = pod.user === undefined && pod.fsGroup === undefined ? defaultMode : TOKEN_MODE;
  const file = pod.user === undefined ? { bytes, mode } : { bytes, mode, uid: pod.user };
  return { [projection.path]: file };
}
