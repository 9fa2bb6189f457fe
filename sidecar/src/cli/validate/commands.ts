import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BundleSettings, CheckSettings, ExecSettings } from '../../settings/settings.ts';
import type { RunCommand } from '../../steps/validate/validator.ts';

/** The commands of the settings. */
export interface Commands {
  readonly run: RunCommand;
  /** How many were not run though their turn had come; known at the end. */
  leftOut(): number;
  /** Those of these checks have no turn, because not all files that they need are there. */
  passOver(checks: readonly CheckSettings[]): void;
  /** How many were passed over. */
  passedOver(): number;
  /** Removes what was made for them. Never rejects. */
  close(): Promise<void>;
}

/** @param runs - else they are only counted: a command may do anything, and may not be there */
export function createCommands(bundles: readonly BundleSettings[], runs: boolean): Commands {
  const owners = new Map(
    bundles.flatMap(({ name, validate }) => execsOf(validate).map((exec) => [exec, name] as const)),
  );
  const leftOut = new Set<ExecSettings>();
  const passedOver = new Set<ExecSettings>();
  const stagingDir = join(tmpdir(), `lastgood-${randomUUID()}`);
  return {
    run: async (snapshot, exec, signal) => {
      if (!runs) {
        leftOut.add(exec);
        return [];
      }
      const { runCheckCommand } = await import('../../checks/command/check-command.ts');
      const bundle = owners.get(exec);
      return runCheckCommand(snapshot, exec, {
        stagingDir,
        ...(bundle && { bundle }),
        ...(signal && { signal }),
      });
    },
    leftOut: () => leftOut.size,
    passOver: (checks) => {
      for (const exec of execsOf(checks)) passedOver.add(exec);
    },
    passedOver: () => passedOver.size,
    close: () => rm(stagingDir, { recursive: true, force: true }).catch(() => {}),
  };
}

function execsOf(checks: readonly CheckSettings[]): readonly ExecSettings[] {
  return checks.flatMap((check) => ('exec' in check ? check.exec : []));
}
