import { constants } from 'node:os';
import { dirname } from 'node:path';
import type { Clock } from '@lastgood/core/model/clock.ts';
import { findingFrom, findingOf, withErrorCode } from '@lastgood/core/model/error.ts';
import type { ReloadEvent } from '@lastgood/core/model/reload-event.ts';
import { formatDuration } from '@lastgood/core/model/units.ts';
import * as z from 'zod/mini';
import { readStateFile, writeStateFile } from '../../io/fs/state-file.ts';
import { isAlive, type Process, type ProcessId } from '../../io/process/process-table.ts';
import { formatSelector, selectTopmost } from '../../io/process/select-process.ts';
import type { RestartSettings } from '../../settings/settings.ts';
import { checkOf, checkPermission, explainNotSelected, fault, send } from './process-results.ts';
import { type Delivery, deliveryOf, type Target } from './target.ts';

/** Between two checks whether a process has ended. */
const POLL_MS = 100;

/** Nothing survives SIGKILL, but the kernel may take a moment. */
const KILL_MS = 5_000;

/** The kubelet restarts a container within this, unless it backs off after crashes. */
const REPLACEMENT_MS = 5_000;

const WAITS_FOR_KUBELET =
  'it has ended, and waits for the kubelet to start its container again: after several restarts for 10 s, 20 s, … 5 min';

const processIds = z.array(z.object({ pid: z.int().check(z.positive()), startTicks: z.int() }));

/** A restart for a version, and how far it has come. */
const requestSchema = z.object({
  version: z.string(),
  rollout: z.string(),
  /** When, in milliseconds since the epoch: for people who read the file. */
  atMs: z.number(),
  /** False until SIGTERM was sent: a sidecar that was killed around that moment cannot know. */
  sent: z.boolean(),
  /** The processes to end; empty if there were none, and any that starts reads the new version. */
  ended: processIds,
  /** All that matched at that time, including the workers: none of these is the new process. */
  old: processIds,
  /** The processes that replaced them, once they were seen. */
  runs: z.optional(processIds),
});

interface RestartRequest extends z.output<typeof requestSchema> {
  /** `atMs` as monotonic time; of a request of another process, when this one has read it. */
  readonly sinceMs: number;
}

/** One attempt. */
interface Restart {
  readonly name: string;
  readonly settings: RestartSettings;
  readonly clock: Clock;
  readonly journal: ReturnType<typeof openJournal>;
  readonly preempted: AbortSignal;
}

/**
 * Restarts the app in place: asks its topmost process to end, and waits until it is gone and its
 * container has started another one. The pod stays, and the app reads its environment again. With
 * `all`, restarts each tree that matches.
 */
export function createRestart(
  settings: RestartSettings,
  clock: Clock,
  journalPath: string | undefined,
): Target {
  const name = `restart of ${formatSelector(settings)}`;
  const restart = { name, settings, clock, journal: openJournal(journalPath, clock) };
  return {
    kind: 'restart',
    name,
    deliver: async (event, preempted) => {
      try {
        return await deliver(event, { ...restart, preempted });
      } catch (error) {
        return fault([findingFrom(error)]);
      }
    },
    check: async () =>
      checkOf(name, await selectTopmost(settings), (found) => checkPermission(name, found)),
  };
}

async function deliver(event: ReloadEvent, restart: Restart): Promise<Delivery> {
  const known = await restart.journal.read();
  const request = isRequested(known, event) ? known : await begin(event, known, restart);
  if ('answer' in request) return request;
  if (!(await haveEnded(request, restart.settings.graceMs, restart))) {
    if (restart.preempted.aborted) return deliveryOf(restart.name, 'fault', 'it has not ended yet');
    if (!(await endAfterGrace(request, restart))) return stillRunning(request, restart);
  }
  return waitForReplacement(request, restart);
}

/**
 * Whether a restart for this version was requested already, so that nothing is ended again. Since
 * another rollout of the same version, another version may have been published in between: then only a
 * process that has run since the restart is known to run on this one, or one that is still to start.
 */
function isRequested(
  known: RestartRequest | undefined,
  event: ReloadEvent,
): known is RestartRequest {
  if (known?.version !== event.version) return false;
  if (known.rollout === event.rollout) return true;
  return known.runs === undefined ? known.ended.some(isAlive) : known.runs.every(isAlive);
}

/** Records which processes are to end, and sends SIGTERM. Rejects before that if it cannot record. */
async function begin(
  { version, rollout }: ReloadEvent,
  known: RestartRequest | undefined,
  restart: Restart,
): Promise<RestartRequest | Delivery> {
  const { name, settings, clock, journal } = restart;
  const selection = await selectTopmost(settings);
  const now = { version, rollout, atMs: clock.wallMs(), sinceMs: clock.nowMs() };
  if (selection.type !== 'selected') {
    // A process that starts from now on reads the new version. With a pid file it may have started
    // before, and only its file may have come later.
    if (selection.type !== 'absent') return explainNotSelected(name, selection);
    const isEnded = isWaitingForKubelet(known);
    const { ended, old } = isEnded ? known : { ended: [], old: [] };
    if (settings.pidFile === undefined) await journal.write({ ...now, sent: true, ended, old });
    const shown = isEnded ? { ...selection, reason: WAITS_FOR_KUBELET } : selection;
    return explainNotSelected(name, shown);
  }
  const { processes, matches } = selection;
  const request = { ...now, sent: false, old: matches.map(idOf) };
  // It is already ending, for an older version: a second SIGTERM could cut its shutdown short.
  const isInGrace = known !== undefined && now.sinceMs - known.sinceMs < settings.graceMs;
  if (isInGrace && known.ended.some(isAlive)) {
    const { atMs, sinceMs, sent, ended } = known;
    return journal.write({ ...request, atMs, sinceMs, sent, ended });
  }
  const findings = checkPermission(name, processes);
  if (findings.length > 0) return fault(findings);
  return terminate(await journal.write({ ...request, ended: processes.map(idOf) }), restart);
}

/** A process was ended, for an older version perhaps, and none has replaced it as far as lastgood saw. */
function isWaitingForKubelet(known: RestartRequest | undefined): known is RestartRequest {
  if (known === undefined || known.runs !== undefined || known.ended.length === 0) return false;
  return !known.ended.some(isAlive);
}

function idOf({ pid, startTicks }: ProcessId): ProcessId {
  return { pid, startTicks };
}

function terminate(request: RestartRequest, { journal }: Restart): Promise<RestartRequest> {
  signalAll(request, constants.signals.SIGTERM);
  return journal.write({ ...request, sent: true });
}

/** Compares each start time just before the signal. */
function signalAll({ ended }: RestartRequest, signal: number): void {
  for (const one of ended) if (isAlive(one)) send(one, signal);
}

function haveEnded({ ended }: RestartRequest, ms: number, restart: Restart): Promise<boolean> {
  return waitUntil(() => !ended.some(isAlive), ms, restart);
}

/** Sends SIGKILL if the settings say so. Returns whether the processes have ended. */
async function endAfterGrace(request: RestartRequest, restart: Restart): Promise<boolean> {
  if (!request.sent) {
    // The sidecar was killed around the SIGTERM, apparently before it.
    await terminate(request, restart);
    return false;
  }
  if (!restart.settings.kill) return false;
  signalAll(request, constants.signals.SIGKILL);
  return haveEnded(request, KILL_MS, restart);
}

function stillRunning({ ended }: RestartRequest, { name, settings }: Restart): Delivery {
  const pids = ended.filter(isAlive).map(({ pid }) => pid);
  const args = [name, `pid ${pids.join(', ')}`, formatDuration(settings.graceMs)];
  return fault([findingOf('LG_DELIVER_STILL_RUNNING', args)]);
}

/** Covers the usual time of a restart; for a slower one the rollout tries again. */
async function waitForReplacement(request: RestartRequest, restart: Restart): Promise<Delivery> {
  const { name, settings, journal } = restart;
  const except = [...request.ended, ...request.old];
  let found: readonly Process[] = [];
  const isUp = async () => {
    const selection = await selectTopmost(settings, { except });
    found = 'processes' in selection ? selection.processes : [];
    return found.length >= Math.max(1, request.ended.length);
  };
  if (!(await waitUntil(isUp, REPLACEMENT_MS, restart)))
    return deliveryOf(name, 'absent', WAITS_FOR_KUBELET);
  await journal.write({ ...request, runs: found.map(idOf) });
  return deliveryOf(name, 'accepted', '');
}

/** Repeats a check until it holds; false when the time is over, or when the delivery is preempted. */
async function waitUntil(
  check: () => boolean | Promise<boolean>,
  ms: number,
  { clock, preempted }: Restart,
): Promise<boolean> {
  const endMs = clock.nowMs() + ms;
  for (;;) {
    if (await check()) return true;
    const leftMs = endMs - clock.nowMs();
    if (leftMs <= 0 || preempted.aborted) return false;
    await clock.sleep(Math.min(POLL_MS, leftMs), preempted).catch((reason) => {
      if (!preempted.aborted) throw reason;
    });
  }
}

/**
 * Remembers the last request, so that nothing is ended twice for one version (P7); without a path only
 * as long as this process lives. `write` returns when it is on disk, and rejects with LG_COMMIT_STATE.
 */
function openJournal(path: string | undefined, clock: Clock) {
  let known: RestartRequest | undefined;
  return {
    read: async () => {
      if (path !== undefined) known ??= await readRequest(path, clock);
      return known;
    },
    write: async (request: RestartRequest) => {
      const { sinceMs: _, ...stored } = request;
      if (path !== undefined)
        await withErrorCode('LG_COMMIT_STATE', dirname(path), () => writeStateFile(path, stored));
      known = request;
      return request;
    },
  };
}

/** Undefined for a file of another version of lastgood as well: the app is then asked once more. */
async function readRequest(path: string, clock: Clock): Promise<RestartRequest | undefined> {
  const stored = requestSchema.safeParse(await readStateFile(path));
  return stored.success ? { ...stored.data, sinceMs: clock.nowMs() } : undefined;
}
