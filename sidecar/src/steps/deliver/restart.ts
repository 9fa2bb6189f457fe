import { constants } from 'node:os';
import type { Clock } from '@lastgood/core/model/clock.ts';
import { findingFrom, findingOf } from '@lastgood/core/model/error.ts';
import type { ReloadEvent } from '@lastgood/core/model/reload-event.ts';
import { formatDuration } from '@lastgood/core/model/units.ts';
import { formatSelector } from '../../io/process/format-process.ts';
import { isAlive, type Process, type ProcessId } from '../../io/process/process-table.ts';
import { selectTopmost } from '../../io/process/select-process.ts';
import type { RestartSettings } from '../../settings/settings.ts';
import { checkPermission, explainNotSelected, fault, send } from './process-results.ts';
import { openRestartJournal, type RestartJournal, type RestartRequest } from './restart-journal.ts';
import { type Delivery, deliveryOf, type Target } from './target.ts';

/** Between two checks whether a process has ended. */
const POLL_MS = 100;

/** Nothing survives SIGKILL, but the kernel may take a moment. */
const KILL_MS = 5_000;

/** The kubelet restarts a container within this, unless it backs off after crashes. */
const REPLACEMENT_MS = 5_000;

interface Restart {
  readonly name: string;
  readonly settings: RestartSettings;
  readonly clock: Clock;
  readonly journal: RestartJournal;
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
  const restart = { name, settings, clock, journal: openRestartJournal(journalPath) };
  return {
    kind: 'restart',
    name,
    deliver: async (event, preempted) => {
      try {
        return await deliver(event, preempted, restart);
      } catch (error) {
        return fault([findingFrom(error)]);
      }
    },
  };
}

async function deliver(event: ReloadEvent, preempted: AbortSignal, restart: Restart) {
  const known = await restart.journal.read();
  const request = isRequested(known, event) ? known : await begin(event, known, restart);
  if ('answer' in request) return request;
  if (!(await haveEnded(request, restart.settings.graceMs, preempted, restart))) {
    if (preempted.aborted) return deliveryOf(restart.name, 'fault', 'it has not ended yet');
    if (!(await endAfterGrace(request, preempted, restart))) return stillRunning(request, restart);
  }
  return waitForReplacement(request, preempted, restart);
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
  { name, settings, clock, journal }: Restart,
): Promise<RestartRequest | Delivery> {
  const selection = await selectTopmost(settings, { clock });
  const now = { version, rollout, atMs: clock.wallMs() };
  if (selection.type !== 'selected') {
    // A process that starts from now on reads the new version. With a pid file it may have started
    // before, and only its file may have come later.
    if (selection.type === 'absent' && settings.pidFile === undefined)
      await journal.write({ ...now, sent: true, ended: [], old: [] });
    return explainNotSelected(name, selection);
  }
  const { processes, matches } = selection;
  const request = { ...now, sent: false, old: matches.map(idOf) };
  // It is already ending, for an older version: a second SIGTERM could cut its shutdown short.
  if (known !== undefined && now.atMs - known.atMs < settings.graceMs && known.ended.some(isAlive))
    return journal.write({ ...request, atMs: known.atMs, sent: known.sent, ended: known.ended });
  const findings = checkPermission(name, processes);
  if (findings.length > 0) return fault(findings);
  return terminate(await journal.write({ ...request, ended: processes.map(idOf) }), journal);
}

function idOf({ pid, startTicks }: ProcessId): ProcessId {
  return { pid, startTicks };
}

function terminate(request: RestartRequest, journal: RestartJournal): Promise<RestartRequest> {
  signalAll(request, constants.signals.SIGTERM);
  return journal.write({ ...request, sent: true });
}

/** Compares each start time just before the signal. */
function signalAll({ ended }: RestartRequest, signal: number): void {
  for (const one of ended) if (isAlive(one)) send(one, signal);
}

function haveEnded(
  { ended }: RestartRequest,
  ms: number,
  preempted: AbortSignal,
  { clock }: Restart,
): Promise<boolean> {
  return waitUntil(() => !ended.some(isAlive), ms, preempted, clock);
}

/** Sends SIGKILL if the settings say so. Returns whether the processes have ended. */
async function endAfterGrace(
  request: RestartRequest,
  preempted: AbortSignal,
  restart: Restart,
): Promise<boolean> {
  if (!request.sent) {
    // The sidecar was killed around the SIGTERM, apparently before it.
    await terminate(request, restart.journal);
    return false;
  }
  if (!restart.settings.kill) return false;
  signalAll(request, constants.signals.SIGKILL);
  return haveEnded(request, KILL_MS, preempted, restart);
}

function stillRunning({ ended }: RestartRequest, { name, settings }: Restart): Delivery {
  const pids = ended.filter(isAlive).map(({ pid }) => pid);
  const args = [name, `pid ${pids.join(', ')}`, formatDuration(settings.graceMs)];
  return fault([findingOf('LG_DELIVER_STILL_RUNNING', args)]);
}

/** Covers the usual time of a restart; for a slower one the rollout tries again. */
async function waitForReplacement(
  request: RestartRequest,
  preempted: AbortSignal,
  restart: Restart,
): Promise<Delivery> {
  const { name, clock, journal } = restart;
  let found: readonly Process[] = [];
  const isUp = async () => {
    found = await findReplacements(request, restart);
    return found.length >= Math.max(1, request.ended.length);
  };
  if (!(await waitUntil(isUp, REPLACEMENT_MS, preempted, clock)))
    return deliveryOf(name, 'absent', 'it has ended, and no new process has started yet');
  await journal.write({ ...request, runs: found.map(idOf) });
  return deliveryOf(name, 'accepted', '');
}

/** The processes that have started since the request. */
async function findReplacements({ ended, old }: RestartRequest, { settings, clock }: Restart) {
  const except = [...ended, ...old];
  const selection = await selectTopmost(settings, { clock, except });
  return 'processes' in selection ? selection.processes : [];
}

/** Repeats a check until it holds; false when the time is over, or when the delivery is preempted. */
async function waitUntil(
  check: () => boolean | Promise<boolean>,
  ms: number,
  preempted: AbortSignal,
  clock: Clock,
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
