import { tmpdir } from 'node:os';
import { basename } from 'node:path';
import type { Clock } from '@lastgood/core/model/clock.ts';
import { findingOf } from '@lastgood/core/model/error.ts';
import type { ErrorCode } from '@lastgood/core/model/error-codes.ts';
import type { ReloadEvent } from '@lastgood/core/model/reload-event.ts';
import { formatExit } from '../../io/process/command-output.ts';
import { killOrphans } from '../../io/process/orphans.ts';
import { type Ending, runCommand, withDir } from '../../io/process/run-command.ts';
import type { Answer } from '../../rollout/state.ts';
import type { ExecTargetSettings } from '../../settings/settings.ts';
import type { Target } from './target.ts';

export interface ExecOptions {
  readonly settings: ExecTargetSettings;
  readonly clock: Clock;
  /** The bundle holds secrets: what the command says might quote one, so it is not passed on (P8). */
  readonly sealed: boolean;
  /** Where this container sees what the app reads. */
  readonly dir: string;
}

/**
 * The kernel takes no variable of more than 128 KiB, and would not start the command at all. Source:
 * execve(2), MAX_ARG_STRLEN.
 */
const MAX_CHANGED_BYTES = 64 * 1024;

const CODES: Readonly<Record<Exclude<Answer, 'accepted'>, ErrorCode>> = {
  refused: 'LG_DELIVER_REFUSED',
  fault: 'LG_DELIVER_FAULT',
  absent: 'LG_DELIVER_ABSENT',
};

/**
 * Tells the app by a command, such as `nginx -s reload`, whose exit code is the answer. One that has
 * begun is seen through, for at most its timeout: half a reload is worse than a late one. Source:
 * docs/targets.md.
 */
export function createExec({ settings, clock, sealed, dir }: ExecOptions): Target {
  const { command, timeoutMs } = settings;
  // Never the arguments: a token may be among them (P8).
  const name = `exec ${basename(command[0])}`;
  let swept: Promise<void> | undefined;
  return {
    kind: 'exec',
    name,
    deliver: async (event) => {
      const mark = `deliver ${event.bundle} ${dir}`;
      // Deliveries never overlap, not even with one that a killed sidecar has begun.
      swept ??= killOrphans(mark);
      await swept;
      const workplace = { dir, scratch: tmpdir(), mark };
      const env = environmentOf(event, dir);
      const ended = await runCommand(withDir(command, dir), workplace, { timeoutMs, clock, env });
      const answer = answerOf(ended.ending, settings);
      if (answer === 'accepted') return { answer, findings: [] };
      const end = formatExit(ended, { timeoutMs, sealed });
      const reason = ended.ending.type === 'not-started' ? `it ${end}` : end;
      return { answer, findings: [findingOf(CODES[answer], [name, reason])] };
    },
  };
}

/** Only an exit code can say more than that something went wrong on the way. */
function answerOf(ending: Ending, { refused, absent }: ExecTargetSettings): Answer {
  if (ending.type !== 'exited') return 'fault';
  if (ending.code === 0) return 'accepted';
  if (refused.includes(ending.code)) return 'refused';
  return absent.includes(ending.code) ? 'absent' : 'fault';
}

function environmentOf(event: ReloadEvent, dir: string): Readonly<Record<string, string>> {
  const changed = event.changed.join('\n');
  return {
    LASTGOOD_BUNDLE: event.bundle,
    LASTGOOD_VERSION: event.version,
    LASTGOOD_PREVIOUS: event.previous ?? '',
    LASTGOOD_ROLLOUT: event.rollout,
    LASTGOOD_REASON: event.reason,
    LASTGOOD_DIR: dir,
    ...(Buffer.byteLength(changed) > MAX_CHANGED_BYTES ? {} : { LASTGOOD_CHANGED: changed }),
  };
}
