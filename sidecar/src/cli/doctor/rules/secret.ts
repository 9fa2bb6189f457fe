import { plainSecretsIn } from '../../manifests/plain-secrets.ts';
import type { Rule } from '../rule.ts';

export const secret: Rule = {
  code: 'LG_DOCTOR_SECRET',
  severity: 'warning',
  why: `Everyone who may read the pod sees it: in Git, in \`kubectl describe\`, in the list of processes. A change of
it needs a new pod. The report never shows the value.`,
  check: ({ pods, configs }) =>
    plainSecretsIn(pods, configs).map(({ object, at, shown }) => ({ object, at, args: [shown] })),
};
