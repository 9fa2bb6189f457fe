import { quote } from '@lastgood/core/model/quote.ts';
import { placeInManifest } from '../../manifests/config-object.ts';
import type { Problem, Rule } from '../rule.ts';
import type { WrongSettings } from '../settings-of-pods.ts';

export const settings: Rule = {
  code: 'LG_DOCTOR_SETTINGS',
  severity: 'error',
  why: `lastgood refuses settings with a mistake, and ends. As a native sidecar it then holds back the app too: the
containers of the pod start only after its startup probe has passed.`,
  check: ({ wrong }) => {
    // Several workloads may use the same ConfigMap.
    const files = Map.groupBy(wrong, ({ content }) => content);
    return [...files.values()].flatMap(([first]) => (first === undefined ? [] : problemsOf(first)));
  },
};

function problemsOf({ config, content, container, findings }: WrongSettings): readonly Problem[] {
  return findings.map(({ code, message, hint, location }) => ({
    object: config.object,
    at: [],
    location: (location && placeInManifest(content, location)) ?? content.location,
    // What it quotes may be a value of the Secret (P8).
    args: [quote(container.name), config.secret ? code : message],
    ...(hint === undefined ? {} : { fix: hint }),
  }));
}
