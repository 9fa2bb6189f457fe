import { createHash } from 'node:crypto';
import type { Mapping } from '@lastgood/core/model/mapping.ts';
import { valueAt } from '@lastgood/core/model/pointer.ts';
import { type Change, prepend, setKeys } from './changes.ts';
import { chooseVolumes, nothingToWatch } from './choose-volumes.ts';
import { freePort, otherSystem, takenNames, unreadableVolumes } from './conflicts.ts';
import type { Keep } from './kept-edits.ts';
import { notesOf, notesOnBundles, notesOnOptional } from './notes.ts';
import { notificationsOf } from './notify.ts';
import type { InjectOptions } from './options.ts';
import { addOwnSettings } from './own-settings.ts';
import { CONTAINER, DIGEST, itemPart, SETTINGS } from './parts.ts';
import type { ConfigVolume, Workload } from './pod.ts';
import { metadataOfPods } from './pod-metadata.ts';
import type { Problem } from './problem.ts';
import { type Reloader, reloadersOf } from './reloaders.ts';
import { exceededResources, isGuaranteed, notesOnMemory } from './resources.ts';
import { settingsObject } from './settings-object.ts';
import { settingsDocument, settingsProblems, settingsText } from './settings-text.ts';
import {
  emptyDirFor,
  livePath,
  RUN_DIR,
  RUN_VOLUME,
  SETTINGS_DIR,
  SETTINGS_FILE,
  SETTINGS_VOLUME,
  STATE_VOLUME,
  settingsName,
  sidecarContainer,
  sourceName,
  sourcePath,
} from './sidecar-container.ts';
import { SETTINGS_DIGEST } from './undo.ts';
import { ownUser, userOfApp } from './user-of-app.ts';

/** What changes in an object, and what goes with it. */
export interface Plan {
  readonly changes: readonly Change[];
  /** The ConfigMap with `lastgood.yaml`; undefined if all is in flags. */
  readonly settings?: Mapping;
  /** The names of the parts that a person may edit. */
  readonly parts: readonly string[];
  readonly notes: readonly string[];
}

export type Planned = Plan | { readonly problems: readonly Problem[] };

/** Plans the modes in which lastgood has its settings in a file. */
export function planSidecar(workload: Workload, options: InjectOptions, keep: Keep): Planned {
  const { mode } = options;
  const { volumes, problems } = chooseVolumes(workload, options.volume);
  if (problems.length > 0) return { problems };
  if (volumes.length === 0) return { problems: [nothingToWatch(workload)] };
  const names = volumes.map(({ name }) => name);
  const replaced = reloadersOf(workload).filter((each) =>
    each.volumes.some((name) => names.includes(name)),
  );
  const removed = new Set(replaced.map(({ container }) => container.name));
  const user =
    mode === 'signal' ? userOfApp(workload, removed) : { user: ownUser(workload), isKnown: true };
  const notified = notificationsOf(workload, volumes, replaced, options);
  const port = freePort(workload, removed);
  const document = settingsDocument(mode, port, notified.bundles);
  const own = addOwnSettings(document, options.settings);
  const settings = keep(SETTINGS, settingsObject(workload, settingsText(own), options));
  const text = valueAt(settings, ['data', SETTINGS_FILE]);
  const found: readonly Problem[] = [
    ...otherSystem(workload),
    ...takenNames(workload, volumes),
    ...exceededResources(workload, removed),
    ...unreadableVolumes(workload, volumes),
    ...notified.problems,
    ...appRemoved(workload, replaced),
    ...settingsProblems(text, options.settings, workload.at),
    ...('problem' in user ? [user.problem] : []),
  ];
  if (found.length > 0) return { problems: found };
  const sidecar = sidecarContainer({
    image: options.image,
    port,
    args: ['--config', `${SETTINGS_DIR}/${SETTINGS_FILE}`],
    mounts: mountsOf(volumes, options),
    isGuaranteed: isGuaranteed(workload, removed),
    runAsUser: 'user' in user ? user.user : undefined,
  });
  const added = addedVolumes(workload, volumes, options);
  const volumePart = ({ name }: Named) => itemPart('volumes', name);
  const kept = added.map((volume) => keep(volumePart(volume), volume));
  const changes = [
    ...replaced.map(removeContainer),
    ...podChanges(workload, settings, options),
    prepend(workload.value, [...workload.at, 'volumes'], kept),
    ...(mode === 'sdk' ? socketChanges(workload, volumes, removed) : volumes.map(renameVolume)),
    prepend(workload.value, [...workload.at, 'initContainers'], [keep(CONTAINER, sidecar)]),
  ];
  const isUserKnown = 'isKnown' in user && user.isKnown;
  return {
    changes,
    settings,
    parts: [SETTINGS, DIGEST, CONTAINER, ...added.map(volumePart)],
    notes: [
      ...notesOnBundles(workload, text, mode, notified.bodyless),
      ...notesOf(workload, volumes, port, isUserKnown),
      ...notesOnOptional(workload, volumes),
      ...notesOnMemory(workload, removed),
    ],
  };
}

/** What looks like a reloader, and is all that the pod is for. */
function appRemoved(workload: Workload, replaced: readonly Reloader[]): readonly Problem[] {
  const removed = replaced.map(({ container }) => container);
  const isLeft = workload.containers.some((each) => each.role === 'app' && !removed.includes(each));
  const last = removed.find(({ role }) => role === 'app');
  if (isLeft || last === undefined) return [];
  const args = [last.name, 'the pod has no other container'];
  return [{ code: 'LG_INJECT_RELOADER', args, pointer: last.at }];
}

function removeContainer({ container }: Reloader): Change {
  return { kind: 'remove', at: container.at };
}

function mountsOf(volumes: readonly ConfigVolume[], { mode }: InjectOptions): readonly object[] {
  const isSdk = mode === 'sdk';
  return [
    { name: SETTINGS_VOLUME, mountPath: SETTINGS_DIR, readOnly: true },
    ...volumes.map(({ name }) => ({
      name: isSdk ? name : sourceName(name),
      mountPath: sourcePath(name),
      readOnly: true,
    })),
    ...(isSdk
      ? [{ name: RUN_VOLUME, mountPath: RUN_DIR }]
      : volumes.map(({ name }) => ({ name, mountPath: livePath(name) }))),
    { name: STATE_VOLUME, mountPath: '/lastgood/state' },
  ];
}

interface Named {
  readonly name: string;
}

/** The volumes of lastgood, and an emptyDir in place of each of the kubelet, which gets another name. */
function addedVolumes(
  workload: Workload,
  volumes: readonly ConfigVolume[],
  { mode }: InjectOptions,
): readonly Named[] {
  const settings = { name: SETTINGS_VOLUME, configMap: { name: settingsName(workload.name) } };
  const state = { name: STATE_VOLUME, ...emptyDirFor(volumes) };
  const run = { name: RUN_VOLUME, emptyDir: { sizeLimit: '1Mi' } };
  if (mode === 'sdk') return [settings, state, run];
  return [settings, state, ...volumes.map((each) => ({ name: each.name, ...emptyDirFor([each]) }))];
}

/** Only lastgood mounts the volume of the kubelet: so the containers of the app stay as they are. */
function renameVolume({ at, name }: ConfigVolume): Change {
  return { kind: 'replace', at: [...at, 'name'], value: sourceName(name) };
}

/** What is in the pod beside containers and volumes. */
function podChanges(
  workload: Workload,
  { data }: Mapping,
  { mode }: InjectOptions,
): readonly Change[] {
  const { value, spec, at } = workload;
  const sha256 = createHash('sha256').update(JSON.stringify(data)).digest('hex');
  // lastgood reads its settings at its start: new settings need new pods.
  const annotations = { [SETTINGS_DIGEST]: sha256.slice(0, 12) };
  const isShared = spec.shareProcessNamespace === true;
  return [
    ...metadataOfPods(workload, annotations),
    ...(mode === 'signal' && !isShared
      ? [setKeys(value, at, { shareProcessNamespace: true })]
      : []),
  ];
}

/** Lets each container that reads a volume reach the socket of lastgood. */
function socketChanges(
  workload: Workload,
  volumes: readonly ConfigVolume[],
  removed: ReadonlySet<string>,
): readonly Change[] {
  const readers = new Set(volumes.flatMap(({ mounts }) => mounts.map((each) => each.container)));
  return workload.containers
    .filter(({ name }) => readers.has(name) && !removed.has(name))
    .flatMap(({ at }) => [
      prepend(workload.value, [...at, 'env'], [SOCKET]),
      prepend(workload.value, [...at, 'volumeMounts'], [{ name: RUN_VOLUME, mountPath: RUN_DIR }]),
    ]);
}

const SOCKET = { name: 'LASTGOOD_SOCKET', value: `${RUN_DIR}/sdk.sock` };
