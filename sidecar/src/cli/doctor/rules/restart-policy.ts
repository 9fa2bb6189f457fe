import { quote } from '@lastgood/core/model/quote.ts';
import type { Rule } from '../rule.ts';

export const restartPolicy: Rule = {
  code: 'LG_DOCTOR_RESTART_POLICY',
  severity: 'error',
  why: `A \`restart\` target ends the process of the app, and the kubelet starts the container again: with
\`restartPolicy: Never\` it does not, and with \`OnFailure\` only if the process exits with another code than 0.`,
  check: ({ settings }) =>
    [...settings].flatMap(
      ([
        pod,
        {
          settings: { bundles },
        },
      ]) => {
        const policy = pod.spec.restartPolicy;
        const bundle = bundles.find(({ targets }) => targets.some((each) => 'restart' in each));
        const isOwn = pod.containers.some(
          ({ role, value }) => role === 'app' && value.restartPolicy !== undefined,
        );
        if (bundle === undefined || isOwn || (policy !== 'Never' && policy !== 'OnFailure'))
          return [];
        return {
          object: pod.object,
          at: [...pod.at, 'restartPolicy'],
          args: [quote(bundle.name), policy],
          severity: policy === 'Never' ? 'error' : 'warning',
        } as const;
      },
    ),
};
