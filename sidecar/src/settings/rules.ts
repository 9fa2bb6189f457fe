import { checkKinds } from './check-kinds.ts';
import { type Complaint, invalid, type Path } from './complaint.ts';
import { overlapRules } from './overlap.ts';
import { confirmRules } from './rules-confirm.ts';
import { hookRules } from './rules-requests.ts';
import { targetRules } from './rules-targets.ts';
import type { BundleDocument } from './schema.ts';
import type { Readable } from './shape.ts';

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
