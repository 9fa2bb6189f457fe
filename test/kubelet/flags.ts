import { parseArgs } from 'node:util';
import { durationMs } from '@lastgood/core/model/units.ts';
import type { WriteOrder } from './atomic-writer.ts';

export const HELP = `Usage: npm run kubelet -- --manifest FILE --root DIR [options]

Plays the kubelet on this machine: writes the configMap, secret, projected and downwardAPI volumes
of every pod in FILE to DIR/<pod or workload>/<volume>, and updates them as the kubelet does,
by a swap of ..data, whenever FILE changes. A ConfigMap or Secret that is immutable keeps the
content in which it was first seen; an emptyDir becomes an empty directory.

Options:
  --manifest FILE       YAML with Pods or workloads, ConfigMaps and Secrets, in one or more documents
  --root DIR            where the volumes go; it is made when it is missing
  --order new|old       new kubelets link new names after the swap, old ones before it (default new)
  --delay DURATION      from an edit to the swap; up to a minute and more in a cluster (default 0s)
  --token-rotation DURATION
                        issue new service account tokens this often (default never)
  --once                project once and exit: 0, or 1 when something was refused
  --help                show this

Durations are 250ms, 30s, 5m. Stop it with Ctrl-C (SIGINT) or SIGTERM: exit 0. Wrong usage: exit 2.
`;

/** What the command line asks for. */
export interface Flags {
  readonly manifest: string;
  readonly root: string;
  readonly order: WriteOrder;
  readonly delayMs: number;
  readonly tokenRotationMs: number | undefined;
  readonly once: boolean;
}

/** Wrong usage of the command line; the message says what. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Reads the flags; `help` for `--help`. Throws a {@link UsageError}. */
export function readFlags(args: readonly string[]): Flags | 'help' {
  const values = parsed(args);
  if (values.help === true) return 'help';
  const rotation = values['token-rotation'];
  return {
    manifest: required('manifest', values.manifest),
    root: required('root', values.root),
    order: orderOf(values.order ?? 'new'),
    delayMs: duration('delay', values.delay ?? '0s'),
    tokenRotationMs: rotation === undefined ? undefined : interval('token-rotation', rotation),
    once: values.once ?? false,
  };
}

function parsed(args: readonly string[]) {
  try {
    const text = { type: 'string' } as const;
    const flag = { type: 'boolean' } as const;
    return parseArgs({
      args: [...args],
      options: {
        manifest: text,
        root: text,
        order: text,
        delay: text,
        'token-rotation': text,
        once: flag,
        help: flag,
      },
    }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function required(name: string, value: string | undefined): string {
  if (value === undefined || value === '') throw new UsageError(`--${name} is missing`);
  return value;
}

function orderOf(value: string): WriteOrder {
  if (value === 'new' || value === 'old') return value;
  throw new UsageError(`--order must be new or old (is "${value}")`);
}

function duration(name: string, value: string): number {
  const ms = durationMs(value);
  if (Number.isNaN(ms)) {
    throw new UsageError(`--${name} must be a duration such as 30s (is "${value}")`);
  }
  return ms;
}

function interval(name: string, value: string): number {
  const ms = duration(name, value);
  if (ms === 0) throw new UsageError(`--${name} must be more than 0s`);
  return ms;
}
