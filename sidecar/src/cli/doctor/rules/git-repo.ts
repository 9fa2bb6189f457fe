import { quote } from '@lastgood/core/model/quote.ts';
import { OFF_SINCE } from '../kubernetes-versions.ts';
import type { Rule } from '../rule.ts';

export const gitRepo: Rule = {
  code: 'LG_DOCTOR_GIT_REPO',
  severity: 'warning',
  why: `The kubelet clones such a volume once, when the pod starts, and never updates it. It runs git as root on the
node, and is off by default since Kubernetes 1.${OFF_SINCE.gitRepo}.`,
  check: ({ pods, minor = 0 }) =>
    pods.flatMap(({ object, volumes }) =>
      volumes.flatMap(({ name = '', at, value }) => {
        if (!('gitRepo' in value)) return [];
        const severity = minor >= OFF_SINCE.gitRepo ? 'error' : 'warning';
        return {
          object,
          at: [...at, 'gitRepo'],
          args: [quote(name)],
          part: 'key',
          severity,
        } as const;
      }),
    ),
};
