import { modesOf } from '../../manifests/pods.ts';
import type { Rule } from '../rule.ts';

/** Permissions that people write in octal. */
const MEANT_IN_OCTAL = [400, 440, 444, 500, 550, 555, 600, 640, 644, 660, 664, 666, 700, 750, 755];

/** Source: Kubernetes pkg/apis/core/validation, validateConfigMapVolumeSource. */
const MAX_MODE = 0o777;

export const decimalMode: Rule = {
  code: 'LG_DOCTOR_DECIMAL_MODE',
  severity: 'warning',
  why: `YAML reads a number without a leading zero as decimal, and JSON has no octal numbers: \`defaultMode: 400\` is
\`0620\`, which lets the group write and no other user read. The API server refuses a mode above 511 (\`0777\`).`,
  check: ({ pods }) =>
    pods.flatMap((pod) =>
      pod.volumes.flatMap((volume) => {
        return modesOf(pod, volume).flatMap(({ at, mode }) => {
          if (!MEANT_IN_OCTAL.includes(mode)) return [];
          const meant = Number.parseInt(String(mode), 8);
          return {
            object: pod.object,
            at,
            args: [mode, `0${mode.toString(8)}`],
            fix: `write 0${mode} in YAML, or ${meant} in YAML and JSON`,
            severity: mode > MAX_MODE ? 'error' : 'warning',
          } as const;
        });
      }),
    ),
};
