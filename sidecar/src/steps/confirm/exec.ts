import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { basename } from 'node:path';
import { formatExit } from '../../io/process/command-output.ts';
import { runCommand, withDir } from '../../io/process/run-command.ts';
import type { ExecSettings } from '../../settings/settings.ts';
import { GOOD, type Probe, type ProbeOptions } from './probe.ts';

/**
 * Runs a command that exits with 0 when the app is healthy. Anything else is bad, a timeout and a
 * failed start included: a command cannot report that the app is absent.
 */
export function createExecProbe(
  { command, timeoutMs }: ExecSettings,
  { clock, sealed, dir }: Pick<ProbeOptions, 'clock' | 'sealed' | 'dir'>,
): Probe {
  const program = basename(command[0]);
  const words = withDir(command, dir);
  return {
    observe: async ({ version, signal }) => {
      const context = { dir, scratch: tmpdir(), mark: `confirm ${randomUUID()}` };
      const env = { LASTGOOD_VERSION: version, LASTGOOD_DIR: dir };
      try {
        const ended = await runCommand(words, context, { timeoutMs, clock, env, signal });
        const { ending } = ended;
        if (ending.type === 'exited' && ending.code === 0) return GOOD;
        return { type: 'bad', reason: `${program} ${formatExit(ended, { timeoutMs, sealed })}` };
      } catch (error) {
        if (signal.aborted) return { type: 'bad', reason: `${program} was interrupted` };
        throw error;
      }
    },
  };
}
