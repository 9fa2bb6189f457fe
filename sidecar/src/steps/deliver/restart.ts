import { constants } from 'node:os';
import type { Clock } from '@lastgood/core/model/clock.ts';
import { findingFrom, findingOf } from '@lastgood/core/model/error.ts';
import type { ReloadEvent } from '@lastgood/core/model/reload-event.ts';
import { formatDuration } from '@lastgood/core/model/units.ts';
import { formatSelector } from '../../io/process/format-process.ts';
import { isAlive, type Process, type ProcessId } from '../../io/process/process-table.ts';
import { chooseTopmost } from '../../io/process/select-process.ts';
import type { RestartSettings } from '../../settings/settings.ts';
import { fault, forbidden, send, unclear, waitForProcess } from './process-results.ts';
import { openRestartJournal, type RestartJournal, type RestartRequest } from './restart-journal.ts';
import type { Delivery, Target } from './target.ts';

export interface RestartOptions {
  readonly settings: RestartSettings;
  readonly clock: Clock;
  /** Where it notes which process it has ended for which version; undefined: in memory only. */
  readonly memoryPath: string | undefined;
}

/** How often it looks whether a process has ended. */
const POLL_MS = 100;

/** Nothing survives SIGKILL, but the kernel may take a moment. */
const KILL_MS = 5_000;

/** A container is started anew within this, if the kubelet does not hold it back after crashes. */
const SOON_MS = 5_000;

interface Restart {
  readonly name: string;
  readonly settings: RestartSettings;
  readonly clock: Clock;
  readonly memory: RestartJournal;
}

/**
 * Restarts the app in place: asks its topmost process to end, and waits until it is gone and another
 * one is up, which its container sees to. The pod stays where it is, and what the app takes from its
 * environment is read anew. With `all`, that is done to each tree that matches.
 */
export function createRestart({ settings, clock, memoryPath }: RestartOptions): Target {
  const name = `restart of ${formatSelector(settings)}`;
  const restart = { name, settings, clock, memory: openRestartJournal(memoryPath) };
  return {
    kind: 'restart',
    name,
    deliver: async (event, hurry) => {
      try {
        return await deliver(event, hurry, restart);
      } catch (error) {
        return fault([findingFrom(error)]);
      }
    },
    waitUntilReachable: (over) => {
      const look = async () =>
        (await replacements(await restart.memory.read(), restart)).length > 0;
      return waitForProcess(look, clock, over);
    },
  };
}

async function deliver(event: ReloadEvent, hurry: AbortSignal, restart: Restart) {
  const known = await restart.memory.read();
  const ask = isAsked(known, event) ? known : await begin(event, known, restart);
  if ('answer' in ask) return ask;
  if (!(await haveEnded(ask, restart.settings.graceMs, hurry, restart))) {
    if (hurry.aborted)
      return fault([findingOf('LG_DELIVER_FAULT', [restart.name, 'it has not ended yet'])]);
    if (!(await afterGrace(ask, hurry, restart))) return stillRunning(ask, restart);
  }
  return waitForReplacement(ask, hurry, restart);
}

/**
 * Whether a version was asked for before, so that nobody is asked again. In another rollout of the
 * same version, another one may have been published in between: then only what has run since the
 * restart is known to run on it, and who comes after one that is still ending will.
 */
function isAsked(known: RestartRequest | undefined, event: ReloadEvent): known is RestartRequest {
  if (known?.version !== event.version) return false;
  if (known.rollout === event.rollout) return true;
  return known.runs === undefined ? known.ended.some(isAlive) : known.runs.every(isAlive);
}

/** Notes who is asked to end, and asks. Rejects when it cannot be noted; then nobody was asked. */
async function begin(
  { version, rollout }: ReloadEvent,
  known: RestartRequest | undefined,
  { name, settings, clock, memory }: Restart,
): Promise<RestartRequest | Delivery> {
  const choice = await chooseTopmost(settings, { clock });
  const now = { version, rollout, atMs: clock.wallMs() };
  if (choice.type !== 'chosen') {
    // Whoever comes now reads the new version; but with a pid file, it may only have come too late.
    if (choice.type === 'absent' && settings.pidFile === undefined)
      await memory.write({ ...now, sent: true, ended: [], old: [] });
    return unclear(name, choice);
  }
  const { processes, matches } = choice;
  const ask = { ...now, sent: false, old: matches.map(idOf) };
  // It is ending already, for a version that this one has overtaken: a second SIGTERM would hurry it.
  if (known !== undefined && now.atMs - known.atMs < settings.graceMs && known.ended.some(isAlive))
    return memory.write({ ...ask, atMs: known.atMs, sent: known.sent, ended: known.ended });
  const findings = forbidden(name, processes);
  if (findings.length > 0) return fault(findings);
  return terminate(await memory.write({ ...ask, ended: processes.map(idOf) }), memory);
}

function idOf({ pid, startTicks }: ProcessId): ProcessId {
  return { pid, startTicks };
}

/** Asks to end whoever is still there: the start time is compared just before each signal. */
function terminate(ask: RestartRequest, memory: RestartJournal): Promise<RestartRequest> {
  signalAll(ask, constants.signals.SIGTERM);
  return memory.write({ ...ask, sent: true });
}

function signalAll({ ended }: RestartRequest, signal: number): void {
  for (const one of ended) if (isAlive(one)) send(one, signal);
}

/** Waits until all that were asked have ended; false when the time or our patience is over first. */
async function haveEnded(ask: RestartRequest, ms: number, hurry: AbortSignal, { clock }: Restart) {
  return isSeen(() => !ask.ended.some(isAlive), ms, hurry, clock);
}

/** The grace is over: SIGKILL if that was asked for. Answers whether it has ended now. */
async function afterGrace(
  ask: RestartRequest,
  hurry: AbortSignal,
  restart: Restart,
): Promise<boolean> {
  if (!ask.sent) {
    // We were killed around the SIGTERM, and it seems that it was before.
    await terminate(ask, restart.memory);
    return false;
  }
  if (!restart.settings.kill) return false;
  signalAll(ask, constants.signals.SIGKILL);
  return haveEnded(ask, KILL_MS, hurry, restart);
}

function stillRunning({ ended }: RestartRequest, { name, settings }: Restart): Delivery {
  const pids = ended.filter(isAlive).map(({ pid }) => pid);
  const args = [name, `pid ${pids.join(', ')}`, formatDuration(settings.graceMs)];
  return fault([findingOf('LG_DELIVER_STILL_RUNNING', args)]);
}

/** A restart that takes its usual time is one try; for a slower one the rollout asks again. */
async function waitForReplacement(
  ask: RestartRequest,
  hurry: AbortSignal,
  restart: Restart,
): Promise<Delivery> {
  const { name, clock, memory } = restart;
  let found: readonly Process[] = [];
  const isUp = async () => {
    found = await replacements(ask, restart);
    return found.length >= Math.max(1, ask.ended.length);
  };
  if (!(await isSeen(isUp, SOON_MS, hurry, clock)))
    return unclear(name, { type: 'absent', reason: 'it has ended, and no new one is up yet' });
  await memory.write({ ...ask, runs: found.map(idOf) });
  return { answer: 'accepted', findings: [] };
}

/** Whoever is up and is not of those that were there when it was asked for. */
async function replacements(ask: RestartRequest | undefined, { settings, clock }: Restart) {
  const except = ask === undefined ? [] : [...ask.ended, ...ask.old];
  const choice = await chooseTopmost(settings, { clock, except });
  return 'processes' in choice ? choice.processes : [];
}

/** Looks again and again; false when the time is over, or we are to hurry. */
async function isSeen(
  look: () => boolean | Promise<boolean>,
  ms: number,
  hurry: AbortSignal,
  clock: Clock,
): Promise<boolean> {
  const endMs = clock.nowMs() + ms;
  for (;;) {
    if (await look()) return true;
    const leftMs = endMs - clock.nowMs();
    if (leftMs <= 0 || hurry.aborted) return false;
    await clock.sleep(Math.min(POLL_MS, leftMs), hurry).catch((reason) => {
      if (!hurry.aborted) throw reason;
    });
  }
}
