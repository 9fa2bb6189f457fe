import { basename } from 'node:path';
import { configmapReload } from './configmap-reload/configmap-reload.ts';
import { prometheusConfigReloader } from './prometheus-config-reloader/prometheus-config-reloader.ts';
import type { ReloaderCompat } from './reloader-compat.ts';

/** Every reloader whose command line lastgood understands. */
export const RELOADERS: readonly ReloaderCompat[] = [configmapReload, prometheusConfigReloader];

/**
 * The reloader that a command line is meant for: by the name that the program is called by, such as
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

/** The reloader that has a flag of this command line, whatever the program is called. */
export function detectByFlags(argv: readonly string[]): ReloaderCompat | undefined {
  return RELOADERS.find((each) => each.matches(argv));
}
