import { quote } from '@lastgood/core/model/quote.ts';
import { ENOUGH_CPU, ENOUGH_MIB } from '../../../app/limits.ts';
import { type Container, mappingAt } from '../pods.ts';
import { isLastgood } from '../reloaders.ts';
import type { Problem, Rule } from '../rule.ts';

export const limits: Rule = {
  code: 'LG_DOCTOR_LIMITS',
  severity: 'warning',
  why: `lastgood was measured with 64Mi and 100m. With less memory the kernel ends it, and with less CPU the start takes longer, which
every pod waits for. On a node whose disk reads much ahead, the first start needs 96Mi.`,
  check: ({ pods }) =>
    pods.flatMap(({ containers }) => containers.filter(isLastgood).flatMap(problemsOf)),
};

function problemsOf({ pod, name, at, value }: Container): Problem[] {
  const { memory, cpu } = mappingAt(value, ['resources', 'limits']);
  const place = [...at, 'resources', 'limits'];
  const problem = (key: string, given: unknown, enough: string) => ({
    object: pod.object,
    at: [...place, key],
    args: [quote(name), key, String(given), enough],
    fix: `set resources.limits.${key}: ${enough} or more`,
  });
  return [
    ...(quantityOf(memory) < ENOUGH_MIB * 2 ** 20
      ? [problem('memory', memory, `${ENOUGH_MIB}Mi`)]
      : []),
    ...(quantityOf(cpu) < ENOUGH_CPU ? [problem('cpu', cpu, `${ENOUGH_CPU * 1000}m`)] : []),
  ];
}

const FACTORS: Readonly<Record<string, number>> = {
  m: 1e-3,
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
};

/** A quantity of Kubernetes as a number; NaN if it is not one. */
function quantityOf(value: unknown): number {
  const [, digits, unit = ''] = /^([\d.]+)([A-Za-z]*)$/.exec(String(value)) ?? [];
  return Number(digits) * (FACTORS[unit] ?? Number.NaN);
}
