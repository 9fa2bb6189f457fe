import { basename } from 'node:path';
import { configmapReload } from './configmap-reload/configmap-reload.ts';
import { prometheusConfigReloader } from './prometheus-config-reloader/prometheus-config-reloader.ts';
import type { DropIn } from './reloader-compat.ts';

/** Every reloader whose command line lastgood understands. */
export const DROP_INS: readonly DropIn[] = [configmapReload, prometheusConfigReloader];

/**
 * The reloader that a command line is meant for: by the name that the program is called by, such as
 * that of a link, else by a flag that only this reloader has. Undefined: it is lastgood's own.
 */
export function chooseDropIn(program: string, argv: readonly string[]): DropIn | undefined {
  const name = basename(program);
  const called = DROP_INS.find((each) => each.name === name);
  if (called !== undefined) return called;
  // The commands of lastgood begin with a word, and no reloader's command line does.
  return argv[0]?.startsWith('-') ? spokenBy(argv) : undefined;
}

/** The reloader that has a flag of this command line, whatever the program is called. */
export function spokenBy(argv: readonly string[]): DropIn | undefined {
  return DROP_INS.find((each) => each.speaks(argv));
}
