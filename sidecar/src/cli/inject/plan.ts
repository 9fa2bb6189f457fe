import { createHash } from 'node:crypto';
import { type Change, prepend, setKeys } from './changes.ts';
import { chooseVolumes, nothingToWatch } from './choose-volumes.ts';
import { freePort, takenNames, unreadableVolumes } from './conflicts.ts';
import { notesOf, notesOnOptional } from './notes.ts';
import { notificationsOf } from './notify.ts';
import type { InjectOptions } from './options.ts';
import type { ConfigVolume, Workload } from './pod.ts';
import { metadataOfPods } from './pod-metadata.ts';
import type { Problem } from './problem.ts';
import { type Reloader, reloadersOf } from './reloaders.ts';
import { exceededResources, isGuaranteed } from './resources.ts';
import { settingsDocument, settingsProblems, settingsText } from './settings-text.ts';
import {
  emptyDirFor,
  livePath,
  RUN_DIR,
  RUN_VOLUME,
  SETTINGS_VOLUME,
  STATE_VOLUME,
  settingsName,
  sidecarContainer,
  sourceName,
  sourcePath,
} from './sidecar-container.ts';
import { ownUser, userOfApp } from './user-of-app.ts';

/** What changes in an object, and what goes with it. */
export interface Plan {
  readonly changes: readonly Change[];
  /** `lastgood.yaml`; undefined if all is in flags. */
  readonly settings?: string;
  readonly notes: readonly string[];
}

export type Planned = Plan | { readonly problems: readonly Problem[] };

/** Plans the modes in which lastgood has its settings in a file. */
export function planSidecar(workload: Workload, options: InjectOptions): Planned {
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
  const found: readonly Problem[] = [
    ...takenNames(workload, volumes),
    ...exceededResources(workload, removed),
    ...unreadableVolumes(workload, volumes),
    ...notified.problems,
    ...appRemoved(workload, replaced),
    ...settingsProblems(document).map(
      (reason): Problem => ({
        code: 'LG_INJECT_SETTINGS',
        args: [reason],
        pointer: workload.at,
      }),
    ),
    ...('problem' in user ? [user.problem] : []),
  ];
  if (found.length > 0) return { problems: found };
  const settings = settingsText(document);
  const sidecar = sidecarContainer({
    image: options.image,
    port,
    args: ['--config', '/etc/lastgood/lastgood.yaml'],
    mounts: mountsOf(volumes, options),
    isGuaranteed: isGuaranteed(workload, removed),
    runAsUser: 'user' in user ? user.user : undefined,
  });
  const changes = [
    ...replaced.map(removeContainer),
    ...podChanges(workload, settings, options),
    ...volumeChanges(workload, volumes, options),
    prepend(workload.value, [...workload.at, 'initContainers'], [sidecar]),
    ...(mode === 'sdk' ? socketChanges(workload, volumes, removed) : []),
  ];
  const own = notesOf(workload, volumes, port, 'isKnown' in user && user.isKnown);
  return {
    changes,
    settings,
    notes: [...notified.notes, ...own, ...notesOnOptional(workload, volumes)],
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
    { name: SETTINGS_VOLUME, mountPath: '/etc/lastgood', readOnly: true },
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

/**
 * The volume of the kubelet gets another name, which only lastgood mounts, and an emptyDir takes its
 * place: so the containers of the app stay as they are.
 */
function volumeChanges(
  workload: Workload,
  volumes: readonly ConfigVolume[],
  { mode }: InjectOptions,
): readonly Change[] {
  const settings = { name: SETTINGS_VOLUME, configMap: { name: settingsName(workload.name) } };
  const state = { name: STATE_VOLUME, ...emptyDirFor(volumes) };
  const at = [...workload.at, 'volumes'];
  if (mode === 'sdk') {
    const run = { name: RUN_VOLUME, emptyDir: { sizeLimit: '1Mi' } };
    return [prepend(workload.value, at, [settings, state, run])];
  }
  const live = volumes.map((volume) => ({ name: volume.name, ...emptyDirFor([volume]) }));
  return [
    prepend(workload.value, at, [settings, state, ...live]),
    ...volumes.map((volume): Change => {
      return { kind: 'replace', at: [...volume.at, 'name'], value: sourceName(volume.name) };
    }),
  ];
}

/** What is in the pod beside containers and volumes. */
function podChanges(
  workload: Workload,
  settings: string,
  { mode }: InjectOptions,
): readonly Change[] {
  const { value, spec, at } = workload;
  const sha256 = createHash('sha256').update(settings).digest('hex');
  // lastgood reads its settings at its start: new settings need new pods.
  const annotations = { 'lastgood.dev/settings': sha256.slice(0, 12) };
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
