import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BundleSettings, ExecSettings } from '../../settings/settings.ts';
import type { RunCommand } from '../../validate/validate.ts';

/** The commands of the settings. */
export interface Commands {
  readonly run: RunCommand;
  /** How many were not run though their turn had come; known at the end. */
  leftOut(): number;
  /** Removes what was made for them. Never rejects. */
  close(): Promise<void>;
}

/** @param runs - else they are only counted: a command may do anything, and may not be there */
export function createCommands(bundles: readonly BundleSettings[], runs: boolean): Commands {
  const owners = new Map(
    bundles.flatMap(({ name, validate }) =>
      validate.flatMap((check) => ('exec' in check ? [[check.exec, name] as const] : [])),
    ),
  );
  const leftOut = new Set<ExecSettings>();
  const stagingDir = join(tmpdir(), `lastgood-${randomUUID()}`);
  return {
    run: async (snapshot, exec, signal) => {
      if (!runs) {
        leftOut.add(exec);
        return [];
      }
      const { runExec } = await import('../../validate/exec/exec.ts');
      const bundle = owners.get(exec);
      return runExec(snapshot, exec, {
        stagingDir,
        ...(bundle && { bundle }),
        ...(signal && { signal }),
      });
    },
    leftOut: () => leftOut.size,
    close: () => rm(stagingDir, { recursive: true, force: true }).catch(() => {}),
  };
}
