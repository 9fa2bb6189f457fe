import { systemClock } from '@lastgood/core/model/clock.ts';
import manifest from '../../../package.json' with { type: 'json' };
import { createCompactor } from '../../app/heap.ts';
import { stopSignal } from '../../app/signals.ts';
import type { CompatExit, CompatRequest, ReloaderCompat } from '../../compat/reloader-compat.ts';
import type { Loaded } from '../../settings/from-value.ts';
import { type CommandResult, unusable } from '../command.ts';

/** Runs the sidecar until it is stopped, or with `once` until it has published. */
export async function runSidecar(
  loaded: Loaded,
  once: boolean,
  dropIn?: CompatRequest,
): Promise<CommandResult> {
  if (!loaded.ok) return unusable(loaded.findings);
  const { run } = await import('../../app/run.ts');
  const { failed, findings } = await run({
    settings: loaded.settings,
    once,
    program: manifest.version,
    clock: systemClock,
    random: Math.random,
    env: process.env,
    stop: stopSignal(),
    compact: createCompactor(),
    dropIn,
  });
  return { end: failed ? 'bad' : 'good', output: '', findings };
}

/** Runs the sidecar in place of another reloader, by that reloader's own command line. */
export async function runReloader(
  reloader: ReloaderCompat,
  argv: readonly string[],
): Promise<CommandResult | CompatExit> {
  const request = reloader.read(argv, process.env);
  if ('exitCode' in request) return request;
  const { settingsOfDocument } = await import('../../settings/from-value.ts');
  const loaded = settingsOfDocument(request.document, reloader.name, request.flagAt);
  const missing = loaded.ok ? await request.missing() : undefined;
  if (missing !== undefined)
    return { exitCode: 1, stdout: '', stderr: `${reloader.name}: ${missing}\n` };
  return runSidecar(loaded, request.once, request);
}
