import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { basename } from 'node:path';
import { formatExit } from '../../io/process/command-output.ts';
import { type Ended, runCommand, withDir } from '../../io/process/run-command.ts';
import type { ExecSettings } from '../../settings/settings.ts';
import type { Look, LookOptions, Probe } from './probe.ts';
import type { ProbeOptions } from './probes.ts';

/**
 * Runs a command that ends with 0 when the app is well. It cannot say that nobody is there: whatever
 * else it ends with is bad, and so is that it takes too long or cannot be started.
 */
export function createExecProbe(
  { command, timeoutMs }: ExecSettings,
  { clock, sealed, dir }: Pick<ProbeOptions, 'clock' | 'sealed' | 'dir'>,
): Probe {
  const program = basename(command[0]);
  const words = withDir(command, dir);
  const run = async ({ version, signal }: LookOptions): Promise<Ended | undefined> => {
    const workplace = { dir, scratch: tmpdir(), mark: `confirm ${randomUUID()}` };
    const env = { LASTGOOD_VERSION: version, LASTGOOD_DIR: dir };
    try {
      return await runCommand(words, workplace, { timeoutMs, clock, env, signal });
    } catch (error) {
      if (signal.aborted) return undefined;
      throw error;
    }
  };
  const look = async (options: LookOptions): Promise<Look> => {
    const ended = await run(options);
    if (ended === undefined) return { type: 'bad', reason: `${program} was cut off` };
    const { ending } = ended;
    if (ending.type === 'exited' && ending.code === 0) return { type: 'good' };
    // P8: what it says might quote a secret.
    return { type: 'bad', reason: `${program} ${formatExit(ended, { timeoutMs, sealed })}` };
  };
  return { look };
}
