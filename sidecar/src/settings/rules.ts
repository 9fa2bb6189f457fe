import { checkKinds } from './check-kinds.ts';
import { type Complaint, invalid, type Path } from './complaint.ts';
import { overlapRules } from './overlap.ts';
import type { BundleDocument } from './schema.ts';
import type { Readable } from './shape.ts';
import { formatDuration } from './units.ts';

type Webhook = BundleDocument['targets'][number]['webhook'];
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
    ...checkKinds(validate, [...path, 'validate']),
    ...(confirm === undefined ? [] : confirmRules(confirm, [...path, 'confirm'])),
    ...prepare.flatMap(({ webhook }, index) =>
      statusRules(webhook, [...path, 'prepare', index, 'webhook']),
    ),
    ...targets.flatMap(({ webhook }, index) =>
      webhookRules(webhook, [...path, 'targets', index, 'webhook']),
    ),
  ];
}

function confirmRules(
  { within, hold }: NonNullable<BundleDocument['confirm']>,
  path: Path,
): Complaint[] {
  if (within > hold) return [];
  const rule = `must be longer than hold, ${formatDuration(hold)} (is ${formatDuration(within)})`;
  return [invalid([...path, 'within'], rule)];
}

function statusRules({ success, refused }: Webhook | DryRun, path: Path): Complaint[] {
  return success.flatMap((match, index) => {
    const same = refused.find((other) => overlaps(match, other));
    if (same === undefined) return [];
    return [invalid([...path, 'success', index], `is ${match}, but refused has ${same}`)];
  });
}

function webhookRules(webhook: Webhook, path: Path): Complaint[] {
  const { retries } = webhook;
  const both = statusRules(webhook, path);
  if (retries.backoff <= retries.max) return both;
  const max = formatDuration(retries.max);
  const rule = `must not be longer than max, ${max} (is ${formatDuration(retries.backoff)})`;
  return [...both, invalid([...path, 'retries', 'backoff'], rule)];
}

/** Whether a status code could match both. */
function overlaps(one: string | number, other: string | number): boolean {
  if (typeof one === typeof other) return one === other;
  return String(one).charAt(0) === String(other).charAt(0);
}
