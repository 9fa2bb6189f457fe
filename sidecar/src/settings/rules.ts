import { constants } from 'node:os';
import { checkKinds } from './check-kinds.ts';
import { type Complaint, invalid, type Path } from './complaint.ts';
import { overlapRules } from './overlap.ts';
import type { BundleDocument } from './schema.ts';
import type { Readable } from './shape.ts';
import { formatDuration } from './units.ts';

type Target = BundleDocument['targets'][number];
type Webhook = NonNullable<Target['webhook']>;
type DryRun = BundleDocument['prepare'][number]['webhook'];

/** Holds what the keys say against each other: each value alone is right by now. */
export function checkRules(readable: Readable): Complaint[] {
  return [
    ...nameRules(readable),
    ...overlapRules(readable),
    ...readable.bundles.flatMap((bundle, index) =>
      bundle === undefined ? [] : bundleRules(bundle, ['bundles', index]),
    ),
  ];
}

function nameRules({ bundles }: Readable): Complaint[] {
  const names = bundles.map((bundle) => bundle?.name);
  return names.flatMap((name, index) => {
    const first = names.indexOf(name);
    if (name === undefined || first === index) return [];
    return [
      invalid(['bundles', index, 'name'], `must be unique; bundles[${first}] is "${name}" too`),
    ];
  });
}

function bundleRules(bundle: BundleDocument, path: Path): Complaint[] {
  const { confirm, targets, validate, prepare } = bundle;
  return [
    ...swapRules(bundle, path),
    ...checkKinds(validate, [...path, 'validate']),
    ...(confirm === undefined ? [] : confirmRules(confirm, targets, [...path, 'confirm'])),
    ...prepare.flatMap(({ webhook }, index) =>
      hookRules(webhook, [...path, 'prepare', index, 'webhook']),
    ),
    ...targets.flatMap((target, index) => targetRules(target, [...path, 'targets', index])),
  ];
}

/** With `reloadOn: swap` nothing is read, so nothing can be checked, published or named. */
function swapRules(bundle: BundleDocument, path: Path): Complaint[] {
  if (bundle.reloadOn !== 'swap') return [];
  const rule = 'cannot stand beside reloadOn: swap, which reads nothing';
  const { validate, prepare, publish, expand, confirm } = bundle;
  return [
    ...(validate.length > 0 ? [invalid([...path, 'validate'], rule)] : []),
    ...(prepare.length > 0 ? [invalid([...path, 'prepare'], rule)] : []),
    ...(publish === undefined ? [] : [invalid([...path, 'publish'], rule)]),
    ...(expand === undefined ? [] : [invalid([...path, 'expand'], rule)]),
    ...(confirm?.http?.version === undefined
      ? []
      : [invalid([...path, 'confirm', 'http', 'version'], rule)]),
  ];
}

/** Just one key says what the target is, and what it says must fit together. */
function targetRules(target: Target, path: Path): Complaint[] {
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

const TARGET_KINDS = ['webhook', 'signal', 'restart', 'exec', 'socket'] as const;
const PROCESS_KEYS = ['process', 'commandLine', 'pidFile'] as const;
const PROOFS = ['http', 'metric', 'process', 'exec'] as const;
const EXPECTATIONS = ['equals', 'increased', 'newer'] as const;

function namesOf(keys: readonly string[]): string {
  return keys.map((key) => `"${key}"`).join(', ');
}

type Confirm = NonNullable<BundleDocument['confirm']>;

function confirmRules(confirm: Confirm, targets: readonly Target[], path: Path): Complaint[] {
  const { within, hold, http, metric, process } = confirm;
  const isEmpty = PROOFS.every((proof) => confirm[proof] === undefined);
  const isAlive = process === 'alive';
  const hasProcess = targets.some(({ signal, restart }) => (signal ?? restart) !== undefined);
  const rule = `must be longer than hold, ${formatDuration(hold)} (is ${formatDuration(within)})`;
  return [
    ...(within > hold ? [] : [invalid([...path, 'within'], rule)]),
    ...(isEmpty ? [invalid(path, `needs one of ${namesOf(PROOFS)}`)] : []),
    ...(isAlive && !hasProcess
      ? [invalid([...path, 'process'], 'needs a signal or restart target, or says which process')]
      : []),
    ...(typeof process === 'object' ? processRules(process, [...path, 'process']) : []),
    ...(http === undefined ? [] : requestRules(http, [...path, 'http'])),
    ...(metric === undefined ? [] : metricRules(metric, [...path, 'metric'])),
  ];
}

function metricRules(metric: NonNullable<Confirm['metric']>, path: Path): Complaint[] {
  const [first, second] = EXPECTATIONS.filter((key) => metric[key] !== undefined);
  const request = requestRules(metric, path);
  if (first === undefined)
    return [...request, invalid(path, `needs one of ${namesOf(EXPECTATIONS)}`)];
  if (second === undefined) return request;
  return [...request, invalid([...path, second], `cannot stand beside ${first}`)];
}

type Process = Pick<NonNullable<Target['signal']>, (typeof PROCESS_KEYS)[number]>;

function processRules(meant: Process, path: Path): Complaint[] {
  if (PROCESS_KEYS.some((key) => meant[key] !== undefined)) return [];
  return [invalid(path, `needs one of ${namesOf(PROCESS_KEYS)}`)];
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

function hookRules(hook: Webhook | DryRun, path: Path): Complaint[] {
  const { success, refused } = hook;
  const both = success.flatMap((match, index) => {
    const same = refused.find((other) => overlaps(match, other));
    if (same === undefined) return [];
    return [invalid([...path, 'success', index], `is ${match}, but refused has ${same}`)];
  });
  return [...both, ...requestRules(hook, path)];
}

type Request = Pick<Webhook, 'url' | 'auth' | 'tls'>;

/** One way to say who it is, and a certificate never without its key. */
function requestRules({ auth, tls }: Request, path: Path): Complaint[] {
  const twice = auth.bearerFile !== undefined && auth.basic !== undefined;
  const [has, lacks] = tls.certFile === undefined ? ['key', 'cert'] : ['cert', 'key'];
  const isHalf = (tls.certFile === undefined) !== (tls.keyFile === undefined);
  return [
    ...(twice ? [invalid([...path, 'auth', 'basic'], 'cannot stand beside bearerFile')] : []),
    ...(isHalf ? [invalid([...path, 'tls'], `has ${has}File and needs "${lacks}File" too`)] : []),
  ];
}

function retryRules({ backoff, max }: Webhook['retries'], path: Path): Complaint[] {
  if (backoff <= max) return [];
  const rule = `must not be longer than max, ${formatDuration(max)} (is ${formatDuration(backoff)})`;
  return [invalid([...path, 'backoff'], rule)];
}

/** Whether a status code could match both. */
function overlaps(one: string | number, other: string | number): boolean {
  if (typeof one === typeof other) return one === other;
  return String(one).charAt(0) === String(other).charAt(0);
}
