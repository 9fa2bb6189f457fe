import { readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { AtomicWriter, type AtomicWriterOptions, type WriteStep } from './atomic-writer.ts';
import type { Manifest } from './manifest.ts';
import { type ConfigObject, objectKey, type Volume } from './manifest-shapes.ts';
import { type Cluster, kindOf, payloadOf } from './payload.ts';
import { VolumeRefusal } from './refusal.ts';
import { TokenIssuer } from './token-issuer.ts';
import { makeVolumeRoot } from './volume-ownership.ts';

/** Which volume of which pod. */
export interface VolumeId {
  readonly pod: string;
  readonly volume: string;
}

export interface KubeletOptions extends Pick<AtomicWriterOptions, 'order' | 'now' | 'random'> {
  /** The directory of the volumes, as `root/<pod or workload>/<volume>`. */
  readonly root: string;
  /** As {@link AtomicWriterOptions.onStep}, for every volume. */
  readonly onStep?: (step: WriteStep, at: VolumeId) => void | Promise<void>;
}

/** What became of one volume. */
export interface VolumeReport extends VolumeId {
  /** `made`: an emptyDir; `skipped`: a kind that the stand-in leaves alone. */
  readonly outcome: 'swapped' | 'unchanged' | 'refused' | 'made' | 'skipped';
  /** What a line says after the outcome: ` to ..2026_… (2 files)`, `: configmap "x" not found`. */
  readonly detail: string;
}

/** Keeps the volumes of a manifest's pods up to date, one update after the other. */
export interface Kubelet {
  /**
   * Projects every volume of every pod. A refused volume keeps its content and does not hold back
   * the others; a volume that left the manifest stays as it is. Rejects only when `onStep` throws.
   */
  apply(manifest: Manifest): Promise<readonly VolumeReport[]>;
  /** Issues new tokens and projects the volumes that hold one, of the manifest applied last. */
  rotateTokens(): Promise<readonly VolumeReport[]>;
  /** The root directory of a volume. */
  dirOf(at: VolumeId): string;
}

/** A kubelet for `options.root`; it does nothing by itself: no timer, no watch. */
export function createKubelet(options: KubeletOptions): Kubelet {
  const tokens = new TokenIssuer(options.now);
  const pinned = new Map<string, ConfigObject>();
  const inTurn = queue();
  let current: Manifest = { pods: [], objects: new Map() };

  const project = async (wanted: (volume: Volume) => boolean) => {
    const objects = pinImmutable(current.objects, pinned);
    const reports: VolumeReport[] = [];
    for (const pod of current.pods) {
      const cluster = { pod, objects, tokens };
      for (const volume of pod.volumes.filter(wanted)) {
        reports.push(await projectVolume(volume, cluster, options));
      }
    }
    return reports;
  };

  return {
    apply: (manifest) =>
      inTurn(() => {
        current = manifest;
        return project(() => true);
      }),
    rotateTokens: () =>
      inTurn(() => {
        tokens.rotate();
        return project(holdsToken);
      }),
    dirOf: ({ pod, volume }) => join(options.root, pod, volume),
  };
}

/** `web/model-config: swapped to ..2026_01_31_10_00_00.123 (2 files)` */
export function formatReport({ pod, volume, outcome, detail }: VolumeReport): string {
  return `${pod}/${volume}: ${outcome}${detail}`;
}

async function projectVolume(
  volume: Volume,
  cluster: Cluster,
  options: KubeletOptions,
): Promise<VolumeReport> {
  const { pod } = cluster;
  const id = { pod: pod.name, volume: volume.name };
  const dir = join(options.root, pod.name, volume.name);
  const kind = kindOf(volume);
  try {
    if (kind === 'emptyDir') {
      makeVolumeRoot(dir, pod.fsGroup);
      return { ...id, outcome: 'made', detail: ' (emptyDir)' };
    }
    if (!PROJECTED.has(kind)) return { ...id, outcome: 'skipped', detail: ` (${kind})` };
    return { ...id, ...(await writeVolume(dir, volume, cluster, options)) };
  } catch (error) {
    if (!(error instanceof VolumeRefusal) && !isSystemError(error)) throw error;
    return { ...id, outcome: 'refused', detail: `: ${error.message}` };
  }
}

const PROJECTED = new Set(['configMap', 'secret', 'downwardAPI', 'projected']);

async function writeVolume(
  dir: string,
  volume: Volume,
  cluster: Cluster,
  { onStep, ...options }: KubeletOptions,
): Promise<Pick<VolumeReport, 'outcome' | 'detail'>> {
  const { pod } = cluster;
  const payload = payloadOf(volume, cluster);
  const writer = new AtomicWriter(dir, {
    ...options,
    ...(pod.fsGroup === undefined ? {} : { fsGroup: pod.fsGroup }),
    ...(onStep && { onStep: (step) => onStep(step, { pod: pod.name, volume: volume.name }) }),
  });
  if (!(await writer.write(payload))) return { outcome: 'unchanged', detail: '' };
  const count = Object.keys(payload).length;
  const files = count === 1 ? '1 file' : `${count} files`;
  return { outcome: 'swapped', detail: ` to ${readlinkSync(join(dir, '..data'))} (${files})` };
}

/**
 * The kubelet stops watching an object once it has seen it immutable: its volumes never change.
 * Source: kubelet pkg/kubelet/util/manager/watch_based_manager.go.
 */
function pinImmutable(
  objects: ReadonlyMap<string, ConfigObject>,
  pinned: Map<string, ConfigObject>,
): ReadonlyMap<string, ConfigObject> {
  for (const object of objects.values()) {
    const key = objectKey(object.kind, object.namespace, object.name);
    if (object.immutable && !pinned.has(key)) pinned.set(key, object);
  }
  return new Map([...objects, ...pinned]);
}

function holdsToken({ projected }: Volume): boolean {
  return projected?.sources?.some((source) => source.serviceAccountToken != null) ?? false;
}

/** Runs one piece of work after the other, also after one that failed. */
function queue(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const result = last.then(work, work);
    last = result;
    return result;
  };
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error;
}
