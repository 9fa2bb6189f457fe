import { constants } from 'node:os';
import { formatDuration } from '@lastgood/core/model/units.ts';
import { type Complaint, invalid, namesOf, type Path } from './complaint.ts';
import { processRules } from './rules-processes.ts';
import { hookRules } from './rules-requests.ts';
import type { BundleDocument } from './schema.ts';

type Target = BundleDocument['targets'][number];
type Webhook = NonNullable<Target['webhook']>;

const TARGET_KINDS = ['webhook', 'signal', 'restart', 'exec', 'socket'] as const;

/** Just one key says what the target is, and what it says must fit together. */
export function targetRules(target: Target, path: Path): Complaint[] {
  const [kind, second] = TARGET_KINDS.filter((each) => target[each] !== undefined);
  if (kind === undefined) return [invalid(path, `needs one of ${namesOf(TARGET_KINDS)}`)];
  if (second !== undefined)
    return [invalid([...path, second], `cannot stand beside ${kind}; write two targets`)];
  const { webhook, signal, restart } = target;
  const { retries } = target[kind] as Webhook;
  const meant = signal ?? restart;
  return [
    ...(webhook === undefined ? [] : hookRules(webhook, [...path, kind])),
    ...(meant === undefined ? [] : processRules(meant, [...path, kind])),
    ...(signal === undefined ? [] : signalRules(signal, [...path, kind])),
    ...retryRules(retries, [...path, kind, 'retries']),
  ];
}

/** A process can never catch these two, so no app is told anything by them. Source: signal(7). */
const NEVER_CAUGHT: ReadonlySet<string | number> = new Set([
  'SIGKILL',
  'SIGSTOP',
  constants.signals.SIGKILL,
  constants.signals.SIGSTOP,
]);

function signalRules({ signal }: NonNullable<Target['signal']>, path: Path): Complaint[] {
  if (!NEVER_CAUGHT.has(signal)) return [];
  const rule = `must be one that a process can catch (is ${signal}); to end the app, write restart`;
  return [invalid([...path, 'signal'], rule)];
}

function retryRules({ backoff, max }: Webhook['retries'], path: Path): Complaint[] {
  if (backoff <= max) return [];
  const rule = `must not be longer than max, ${formatDuration(max)} (is ${formatDuration(backoff)})`;
  return [invalid([...path, 'backoff'], rule)];
}
