import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BundleSettings, CheckSettings, ExecSettings } from '../../settings/settings.ts';
import type { RunCommand } from '../../steps/validate/validator.ts';

/** The `exec` checks of the settings. */
export type ExecChecks = ReturnType<typeof createExecChecks>;

/** @param isEnabled - else they do not run: a command may do anything, and may not be installed */
export function createExecChecks(bundles: readonly BundleSettings[], isEnabled: boolean) {
  const owners = new Map(
    bundles.flatMap(({ name, validate }) => execsIn(validate).map((exec) => [exec, name] as const)),
  );
  const disabled = new Set<ExecSettings>();
  const skipped = new Set<ExecSettings>();
  const stagingDir = join(tmpdir(), `lastgood-${randomUUID()}`);
  const run: RunCommand = async (snapshot, exec, signal) => {
    if (!isEnabled) {
      disabled.add(exec);
      return [];
    }
    const { runCheckCommand } = await import('../../checks/command/check-command.ts');
    return runCheckCommand(snapshot, exec, { stagingDir, bundle: owners.get(exec), signal });
  };
  return {
    run,
    /** Notes that these checks cannot run, because the input lacks files that they need. */
    skip: (checks: readonly CheckSettings[]) => {
      for (const exec of execsIn(checks)) skipped.add(exec);
    },
    /** What did not run, for the user to know; complete at the end. */
    notes: () => [
      ...note(disabled.size, '--exec runs it', '--exec runs them'),
      ...note(skipped.size, 'it needs', 'they need').map(
        (text) => `${text} a directory or a manifest${isEnabled ? '' : ', and --exec'}`,
      ),
    ],
    /** Removes the copies made for them. Never rejects. */
    close: () => rm(stagingDir, { recursive: true, force: true }).catch(() => {}),
  };
}

function note(count: number, forOne: string, forSeveral: string): readonly string[] {
  if (count === 0) return [];
  return count === 1
    ? [`1 command of the settings was not run; ${forOne}`]
    : [`${count} commands of the settings were not run; ${forSeveral}`];
}

function execsIn(checks: readonly CheckSettings[]): readonly ExecSettings[] {
  return checks.flatMap((check) => ('exec' in check ? check.exec : []));
}
