import { randomBytes } from 'node:crypto';
import { watch } from 'node:fs';
import { access, constants, readdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { createCapture } from '@lastgood/core/capture/capture.ts';
import type { Clock } from '@lastgood/core/model/clock.ts';
import { findingOf, reasonOf, warningOf } from '@lastgood/core/model/error.ts';
import type { ErrorCode } from '@lastgood/core/model/error-codes.ts';
import type { Finding } from '@lastgood/core/model/finding.ts';
import { checkMounts } from '@lastgood/core/source/mounts.ts';
import { checkLimits, ENOUGH_MIB } from '../../app/limits.ts';
import {
  findGroupFile,
  type ReadSystemFile,
  readSystemFile,
} from '../../io/process/control-group.ts';
import { load } from '../../settings/load.ts';
import type { BundleSettings, Settings, TargetSettings } from '../../settings/settings.ts';
import type { Target } from '../../steps/deliver/target.ts';
import { type CommandContext, type CommandResult, type FlagValues, unusable } from '../command.ts';
import type { REPORT_FLAGS } from '../report/flags.ts';
import { plural } from '../report/human.ts';
import { writeReport } from '../report/write.ts';
import { FOOTER } from './explain.ts';

/** Checks the container that this process runs in for what the settings need. Changes nothing. */
export async function examineContainer(
  config: string,
  flags: FlagValues<typeof REPORT_FLAGS>,
  context: Pick<CommandContext, 'clock' | 'style' | 'version'>,
): Promise<CommandResult> {
  const loaded = await load(config);
  if (!loaded.ok) return unusable(loaded.findings);
  const found = await findingsOfContainer(loaded.settings, context.clock);
  const findings = found.map((each) => ({
    ...each,
    location: each.location ?? { file: config },
  }));
  const bundles = plural(loaded.settings.bundles.length, 'bundle');
  const successMessage = `this container has what ${config} needs: ${bundles}, no findings`;
  const inputs = [{ name: config, files: [{ name: config, findings }] }];
  return writeReport({ inputs, successMessage, footer: FOOTER }, flags, context);
}

/** What keeps lastgood from working in this container. Never rejects. */
export async function findingsOfContainer(
  settings: Settings,
  clock: Clock,
  read: ReadSystemFile = readSystemFile,
): Promise<readonly Finding[]> {
  const { bundles, stateDir, runDir } = settings;
  const hasSubscribers = bundles.some(({ targets }) =>
    targets.some((each) => 'subscribers' in each),
  );
  const findings = [
    ...checkLimits(read),
    ...checkMemoryHigh(read),
    ...(await checkWritable('LG_COMMIT_STATE', stateDir)),
    ...(await checkWritable('LG_SERVE_SOCKET', hasSubscribers ? runDir : undefined)),
  ];
  // One at a time: each may hold a snapshot in memory.
  for (const bundle of bundles) findings.push(...(await checkBundle(bundle, clock)));
  return findings;
}

/** Below it, the kernel ends nothing, but slows every allocation down. */
function checkMemoryHigh(read: ReadSystemFile): readonly Finding[] {
  const file = findGroupFile('memory', ['memory.high'], read);
  const mib = Number(file && read(file)) / 2 ** 20;
  if (!(mib < ENOUGH_MIB)) return [];
  return [
    warningOf('LG_SETTINGS_LIMITS', [`memory.high of ${Math.floor(mib)}Mi`, `${ENOUGH_MIB}Mi`]),
  ];
}

async function checkBundle(bundle: BundleSettings, clock: Clock): Promise<readonly Finding[]> {
  const { volumes, maxSizeBytes, publish, targets } = bundle;
  const paths = volumes.map(({ path }) => path);
  const capture = createCapture({ volumes, maxSizeBytes, clock, versionKey: randomBytes(32) }, 0);
  const captured = await capture();
  const ofTargets = await Promise.all(targets.map((target) => checkTarget(target, clock)));
  return [
    ...(captured.ok ? await checkEmpty(paths) : captured.findings),
    ...(await checkMounts(paths)),
    ...paths.flatMap(checkWatch),
    ...(await checkWritable('LG_PUBLISH_FAILED', publish)),
    ...ofTargets.flat(),
  ];
}

/** The object of an optional volume may never come, which the capture accepts beside other files. */
async function checkEmpty(paths: readonly string[]): Promise<readonly Finding[]> {
  const found = await Promise.all(
    paths.map(async (path) => {
      // A volume may also be a single file.
      const names = await readdir(path).catch(() => undefined);
      const isEmpty = names?.every((name) => name.startsWith('..')) === true;
      return isEmpty ? [warningOf('LG_CAPTURE_EMPTY_VOLUME', [path])] : [];
    }),
  );
  return found.flat();
}

/** Needs one inotify instance and one watch, as the sidecar does. */
function checkWatch(path: string): readonly Finding[] {
  try {
    watch(path).close();
    return [];
  } catch (thrown) {
    const reason = reasonOf(thrown);
    // The capture reports a volume that is missing.
    return reason === 'ENOENT' ? [] : [warningOf('LG_SOURCE_WATCH', [path, reason])];
  }
}

/** The sidecar makes a directory that is missing, in the nearest one that exists. */
async function checkWritable(
  code: ErrorCode,
  directory: string | undefined,
): Promise<readonly Finding[]> {
  if (directory === undefined) return [];
  for (let path = directory; ; path = dirname(path))
    try {
      await access(path, constants.W_OK | constants.X_OK);
      return [];
    } catch (thrown) {
      const reason = reasonOf(thrown);
      if (reason !== 'ENOENT' || path === dirname(path))
        return [findingOf(code, [directory, reason])];
    }
}

/** Whether the process or the socket of a target is there, and can be notified. */
async function checkTarget(target: TargetSettings, clock: Clock): Promise<readonly Finding[]> {
  if ('socket' in target) return checkSocket(target.socket.path);
  const checked = await (await processTargetOf(target, clock))?.check?.().catch(() => undefined);
  // An app that is down, or still starting, is no mistake; what never passes is one.
  const severity = checked?.mayPass === false ? 'error' : 'warning';
  return (checked?.findings ?? []).map((each) => ({ ...each, severity }));
}

/** The app makes its socket when it starts, but not the directory. */
async function checkSocket(path: string): Promise<readonly Finding[]> {
  const isThere = (place: string) => stat(place).catch(() => undefined);
  if ((await isThere(path))?.isSocket()) return [];
  const hasDirectory = (await isThere(dirname(path)))?.isDirectory() === true;
  const reason = hasDirectory ? 'there is no socket' : `${dirname(path)} is not a directory here`;
  const finding = findingOf('LG_DELIVER_ABSENT', [`socket ${path}`, reason]);
  if (hasDirectory) return [{ ...finding, severity: 'warning' }];
  return [{ ...finding, hint: 'mount the volume with the socket into this container too' }];
}

async function processTargetOf(target: TargetSettings, clock: Clock): Promise<Target | undefined> {
  if ('signal' in target)
    return (await import('../../steps/deliver/signal.ts')).createSignal(target.signal);
  if (!('restart' in target)) return undefined;
  const { createRestart } = await import('../../steps/deliver/restart.ts');
  return createRestart(target.restart, clock, undefined);
}
