import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { type Measurement, NAMES } from './measure/measure.ts';
import { FULL, type Plan, QUICK } from './plan.ts';

export const HELP = `Usage: npm run bench [-- --quick] [-- --only <names>]

Measures lastgood as it is built, beside the least that a watcher can take, the shell loop that people
use, and the reloaders whose command lines it takes (where this machine has configmap-reload and
prometheus-config-reloader: on the PATH, or at LASTGOOD_PEER_CONFIGMAP_RELOAD and
LASTGOOD_PEER_PROMETHEUS_CONFIG_RELOADER), and the SDK beside libraries for values that change, and
writes what it finds to bench/RESULTS.md.

Options:
  --quick           a small version of everything, in five minutes; writes no RESULTS.md
  --only <names>    only these measurements, of ${NAMES.join(', ')}; writes no RESULTS.md
  --sidecar <file>  another built sidecar than sidecar/dist/lastgood.js; writes no RESULTS.md
  --before <file>   compare with an earlier build instead: both in turn, as ratios; writes no RESULTS.md
  --help            show this

Times are only reported; they never fail the run. Ctrl-C ends everything and leaves nothing behind.
Exit codes: 0 done, 1 something is broken (a lost or torn content), 2 wrong usage, 130 interrupted.
`;

export interface CommandLine {
  readonly help: boolean;
  readonly plan: Plan;
  readonly only: readonly Measurement[];
  /** The built sidecar. */
  readonly sidecar: string;
  /** An earlier build to compare with, in place of all else. */
  readonly before: string | undefined;
  /** Whether this is the whole of it, of which RESULTS.md tells. */
  readonly isWhole: boolean;
}

/** An error tells what is wrong with the command line. */
export function parseCommandLine(args: readonly string[]): CommandLine | Error {
  try {
    const flag = { type: 'boolean', default: false } as const;
    const text = { type: 'string' } as const;
    const options = { quick: flag, help: flag, only: text, sidecar: text, before: text };
    const { values } = parseArgs({ args: [...args], options });
    const only = values.only?.split(',').map(nameOf) ?? NAMES;
    const { before } = values;
    const built = join(import.meta.dirname, '../sidecar/dist/lastgood.js');
    return {
      help: values.help,
      plan: values.quick ? QUICK : FULL,
      only,
      sidecar: values.sidecar === undefined ? built : resolve(values.sidecar),
      before: before === undefined ? undefined : resolve(before),
      isWhole: !values.quick && (values.only ?? values.sidecar ?? before) === undefined,
    };
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

function nameOf(text: string): Measurement {
  const found = NAMES.find((name) => name === text.trim());
  if (found === undefined) throw new Error(`--only ${text}: it is one of ${NAMES.join(', ')}`);
  return found;
}
