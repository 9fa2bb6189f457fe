import { tmpdir } from 'node:os';
import { basename } from 'node:path';
import type { ReloadEvent } from '@lastgood/core/model/reload-event.ts';
import { formatExit } from '../../io/process/command-output.ts';
import { killOrphans } from '../../io/process/orphans.ts';
import { type Ending, runCommand, withDir } from '../../io/process/run-command.ts';
import type { Answer } from '../../rollout/events.ts';
import type { ExecTargetSettings } from '../../settings/settings.ts';
import { deliveryOf, type Target, type TargetOptions } from './target.ts';

/** The kernel limits each variable to 128 KiB. Source: execve(2), MAX_ARG_STRLEN. */
const MAX_CHANGED_BYTES = 64 * 1024;

/**
 * Notifies the app by a command, such as `nginx -s reload`, whose exit code is the answer. A command
 * that has started runs to its end or timeout: half a reload is worse than a late one. Source:
 * docs/targets.md.
 */
export function createExec(
  settings: ExecTargetSettings,
  { clock, sealed, dir }: Pick<TargetOptions, 'clock' | 'sealed' | 'dir'>,
): Target {
  const { command, timeoutMs } = settings;
  // Never the arguments: a token may be among them (P8).
  const name = `exec ${basename(command[0])}`;
  let swept: Promise<void> | undefined;
  return {
    kind: 'exec',
    name,
    deliver: async (event) => {
      const mark = `deliver ${event.bundle} ${dir}`;
      // Deliveries never overlap, not even with one that a killed sidecar started.
      swept ??= killOrphans(mark);
      await swept;
      const context = { dir, scratch: tmpdir(), mark };
      const env = environmentOf(event, dir);
      const ended = await runCommand(withDir(command, dir), context, { timeoutMs, clock, env });
      const exit = formatExit(ended, { timeoutMs, sealed });
      const reason = ended.ending.type === 'not-started' ? `it ${exit}` : exit;
      return deliveryOf(name, answerOf(ended.ending, settings), reason);
    },
  };
}

/** Everything but an exit code is a fault. */
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
