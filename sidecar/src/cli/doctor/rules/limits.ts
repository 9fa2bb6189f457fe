import { quote } from '@lastgood/core/model/quote.ts';
import { ENOUGH_CPU, ENOUGH_MIB } from '../../../app/limits.ts';
import { type Container, mappingAt } from '../../manifests/pods.ts';
import { quantityOf } from '../../manifests/quantity.ts';
import { isLastgood } from '../reloaders.ts';
import type { Problem, Rule } from '../rule.ts';

export const limits: Rule = {
  code: 'LG_DOCTOR_LIMITS',
  severity: 'warning',
  why: `lastgood was measured with 64Mi and 100m. With less memory the kernel ends it, and with less CPU the start
takes longer, which every pod waits for.`,
  check: ({ pods }) =>
    pods.flatMap(({ containers }) => containers.filter(isLastgood).flatMap(problemsOf)),
};

const ENOUGH = [
  ['memory', `${ENOUGH_MIB}Mi`],
  ['cpu', `${ENOUGH_CPU * 1000}m`],
] as const;

function problemsOf({ pod, name, at, value }: Container): Problem[] {
  const given = mappingAt(value, ['resources', 'limits']);
  return ENOUGH.flatMap(([key, enough]) => {
    const limit = quantityOf(given[key]);
    if (limit === undefined || limit >= (quantityOf(enough) ?? 0)) return [];
    return {
      object: pod.object,
      at: [...at, 'resources', 'limits', key],
      args: [quote(name), key, String(given[key]), enough],
      fix: `set resources.limits.${key}: ${enough} or more`,
    };
  });
}
