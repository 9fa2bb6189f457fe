import { quote } from '@lastgood/core/model/quote.ts';
import { formatDuration } from '@lastgood/core/model/units.ts';
import type { Rule } from '../rule.ts';

/** Source: Kubernetes pkg/kubelet, MaxCrashLoopBackOff. */
const LONGEST_MS = 300_000;

export const backOff: Rule = {
  code: 'LG_DOCTOR_BACK_OFF',
  severity: 'warning',
  why: `The kubelet waits before it starts a container that ends again within 10 minutes: 10 s, 20 s, 40 s and so on up to
5 minutes (CrashLoopBackOff), whatever the exit code. A \`restart\` target ends the container for each change. If
\`maxAbsence\` of the bundle is shorter than the wait, lastgood puts the last good version back before the app could start
on the new one.`,
  check: ({ settings }) =>
    [...settings].flatMap(([pod, { container, settings: own }]) =>
      own.bundles
        .filter(({ targets }) => targets.some((each) => 'restart' in each))
        .filter(({ maxAbsenceMs }) => maxAbsenceMs < LONGEST_MS)
        .map(({ name, maxAbsenceMs }) => ({
          object: pod.object,
          at: container.at,
          args: [quote(name), formatDuration(maxAbsenceMs), formatDuration(LONGEST_MS)],
        })),
    ),
};
