import type { Finding, Location } from '@lastgood/core/model/finding.ts';
import { quote } from '@lastgood/core/model/quote.ts';
import type { ContentFile } from '../../manifests/config-object.ts';
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
    location: placeOf(content, location),
    // What it quotes may be a value of the Secret (P8).
    args: [quote(container.name), config.secret ? code : message],
    ...(hint === undefined ? {} : { fix: hint }),
  }));
}

/** The very place if the file's lines are lines of the manifest. */
function placeOf(
  { block, location }: ContentFile,
  inside: Finding['location'],
): Required<Location> {
  if (block === undefined || inside?.line === undefined) return location;
  const { line, column = 1 } = inside;
  return { ...location, ...block.positionOf({ line, column }) };
}
