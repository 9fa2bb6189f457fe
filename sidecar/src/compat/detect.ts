import { basename } from 'node:path';
import { configmapReload } from './configmap-reload/configmap-reload.ts';
import { flagNames } from './flags.ts';
import { prometheusConfigReloader } from './prometheus-config-reloader/prometheus-config-reloader.ts';
import type { ReloaderCompat } from './reloader-compat.ts';

/** Every reloader whose command line lastgood understands. */
export const RELOADERS: readonly ReloaderCompat[] = [configmapReload, prometheusConfigReloader];

/**
 * The reloader that a command line is for: by the name under which the program was called, such as
 * that of a link, else by a flag that only this reloader has. Undefined: it is lastgood's own.
 */
export function detectReloader(
  program: string,
  argv: readonly string[],
): ReloaderCompat | undefined {
  const name = basename(program);
  const called = RELOADERS.find((each) => each.name === name);
  if (called !== undefined) return called;
  // The commands of lastgood begin with a word, and no reloader's command line does.
  return argv[0]?.startsWith('-') ? detectByFlags(argv) : undefined;
}

/** The reloader that has a flag of this command line, whatever the name of the program. */
export function detectByFlags(argv: readonly string[]): ReloaderCompat | undefined {
  const names = flagNames(argv);
  return RELOADERS.find(({ ownFlags }) => names.some((name) => Object.hasOwn(ownFlags, name)));
}
