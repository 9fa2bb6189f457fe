import type { BundleSettings } from '../../settings/settings.ts';
import { isSameObject, type ManifestObject, type ObjectName } from '../manifests/objects.ts';
import { mountedObjects } from '../manifests/pod-volumes.ts';
import type { ReportedObject } from '../report/report.ts';
import { type CheckTarget, targetIn } from './check-target.ts';

/** Which objects of the manifests the volumes of each bundle have their files from. */
export interface Owners {
  /** Whether a pod or the settings say which objects the bundle has. */
  isKnown(bundle: BundleSettings): boolean;
  /** The volumes of the bundle that have this object. */
  volumesOf(bundle: BundleSettings, object: ReportedObject | undefined): readonly Volume[];
  /** Whether the object is one of a bundle that is known. */
  isOwned(object: ReportedObject | undefined): boolean;
  /** The target with its files where they are in the bundle that owns it. */
  place(target: CheckTarget): CheckTarget;
}

type Volume = BundleSettings['volumes'][number];

interface Link extends ObjectName {
  readonly bundle: BundleSettings;
  readonly volume: Volume;
}

/**
 * Matches the volumes of bundles with objects: by the mounts of the pods in the manifests, else by the
 * key `object` of the volume.
 */
export function findOwners(
  bundles: readonly BundleSettings[],
  workloads: readonly ManifestObject[],
): Owners {
  const mounted = workloads.flatMap(mountedObjects);
  const links = bundles.flatMap((bundle) =>
    bundle.volumes.flatMap((volume) => linksOf(bundle, volume, mounted)),
  );
  const volumesOf: Owners['volumesOf'] = (bundle, object) =>
    links
      .filter((link) => link.bundle === bundle && isLinked(link, object))
      .map(({ volume }) => volume);
  return {
    volumesOf,
    isKnown: (bundle) => links.some((link) => link.bundle === bundle),
    isOwned: (object) => links.some((link) => isLinked(link, object)),
    place: (target) => {
      const at = links.find((link) => isLinked(link, target.object))?.volume.at ?? '.';
      return at === '.' ? target : targetIn(at, target);
    },
  };
}

function linksOf(
  bundle: BundleSettings,
  volume: Volume,
  mounted: ReturnType<typeof mountedObjects>,
): readonly Link[] {
  const here = mounted.filter(({ mountPath }) => mountPath === volume.path);
  if (here.length > 0) return here.map((object) => ({ ...object, bundle, volume }));
  const [kind, name] = volume.object?.split('/') ?? [];
  if (kind === undefined || name === undefined) return [];
  return [{ bundle, volume, kind, name, namespace: undefined }];
}

function isLinked(link: Link, object: ReportedObject | undefined): boolean {
  return object !== undefined && isSameObject(link, object);
}
