import { formatDuration } from '@lastgood/core/model/units.ts';
import { type Complaint, invalid, namesOf, type Path } from './complaint.ts';
import { processRules } from './rules-processes.ts';
import { requestRules } from './rules-requests.ts';
import type { BundleDocument } from './schema.ts';

type Target = BundleDocument['targets'][number];
type Confirm = NonNullable<BundleDocument['confirm']>;

const PROOFS = ['http', 'metric', 'process', 'exec'] as const;
const EXPECTATIONS = ['equals', 'increased', 'newer'] as const;

/** There is something to look at, and time enough to see it stay good. */
export function confirmRules(
  confirm: Confirm,
  targets: readonly Target[],
  path: Path,
): Complaint[] {
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
