import { valueAt } from '@lastgood/core/model/pointer.ts';
import { quantityOf } from '../manifests/quantity.ts';
import { type Change, prepend } from './changes.ts';
import { chooseVolumes, nothingToWatch } from './choose-volumes.ts';
import { freePort, otherSystem, takenNames } from './conflicts.ts';
import type { Keep } from './kept-edits.ts';
import { notesOf, notesOnRestarts } from './notes.ts';
import type { InjectOptions } from './options.ts';
import { CONTAINER } from './parts.ts';
import type { Planned } from './plan.ts';
import { type ConfigVolume, configVolumesOf, type Workload } from './pod.ts';
import { metadataOfPods } from './pod-metadata.ts';
import { type Reloader, reloadersOf } from './reloaders.ts';
import { exceededResources, isGuaranteed } from './resources.ts';
import { SIDECAR_LIMITS, sidecarContainer, sourcePath } from './sidecar-container.ts';
import { ownUser } from './user-of-app.ts';

/** Plans the mode in which lastgood has the flags of another reloader. */
export function planDropIn(workload: Workload, options: InjectOptions, keep: Keep): Planned {
  const reloaders = reloadersOf(workload).filter(({ isDropIn }) => isDropIn);
  if (reloaders.length > 0) {
    const changes = reloaders.flatMap((each) => takePlace(workload, each, options));
    const kept = `${workload.shownName}: --webhook has no effect, since the reloader keeps its flags`;
    const watched = configVolumesOf(workload).filter(({ name }) =>
      reloaders.some(({ volumes }) => volumes.includes(name)),
    );
    const notes = notesOnRestarts(workload, watched);
    return { changes, parts: [], notes: options.webhook === undefined ? notes : [kept, ...notes] };
  }
  const { volumes, problems } = chooseVolumes(workload, options.volume);
  if (problems.length > 0) return { problems };
  if (volumes.length === 0) return { problems: [nothingToWatch(workload)] };
  const { webhook } = options;
  if (webhook === undefined) {
    const pointer = workload.at;
    return { problems: [{ code: 'LG_INJECT_DROP_IN', args: [workload.shownName], pointer }] };
  }
  const found = [
    ...otherSystem(workload),
    ...takenNames(workload, []),
    ...exceededResources(workload, new Set()),
  ];
  if (found.length > 0) return { problems: found };
  const port = freePort(workload, new Set());
  const sidecar = sidecarContainer({
    image: options.image,
    port,
    args: [
      ...volumes.map(({ name }) => `--volume-dir=${sourcePath(name)}`),
      `--webhook-url=${webhook}`,
      `--web.listen-address=:${port}`,
    ],
    mounts: volumes.map(({ name }) => ({ name, mountPath: sourcePath(name), readOnly: true })),
    isGuaranteed: isGuaranteed(workload, new Set()),
    runAsUser: ownUser(workload),
  });
  const at = [...workload.at, 'initContainers'];
  const changes = [
    ...metadataOfPods(workload, {}),
    prepend(workload.value, at, [keep(CONTAINER, sidecar)]),
  ];
  const notes = [...notesOf(workload, volumes, port, true), ...notesOnOthers(workload, volumes)];
  return { changes, parts: [CONTAINER], notes };
}

/** The other modes take the place of a script that watches the same volume. */
function notesOnOthers(workload: Workload, chosen: readonly ConfigVolume[]): readonly string[] {
  return reloadersOf(workload)
    .filter(({ volumes }) => chosen.some(({ name }) => volumes.includes(name)))
    .map(
      ({ container }) =>
        `${workload.shownName}: the container ${container.name} notifies the app too: remove it, or use --mode publish, which takes its place`,
    );
}

/** The reloader's container gets the image of lastgood, and the memory that a Node program needs. */
function takePlace(
  { value }: Workload,
  { container: { at } }: Reloader,
  { image }: InjectOptions,
): readonly Change[] {
  const limit = [...at, 'resources', 'limits', 'memory'];
  const bytes = quantityOf(valueAt(value, limit));
  const isLow = bytes !== undefined && bytes < (quantityOf(SIDECAR_LIMITS.memory) ?? 0);
  return [
    { kind: 'replace', at: [...at, 'image'], value: image },
    ...(isLow ? [{ kind: 'replace', at: limit, value: SIDECAR_LIMITS.memory } as const] : []),
  ];
}
