import { quote } from '@lastgood/core/model/quote.ts';
import { formatDuration } from '@lastgood/core/model/units.ts';
import { itemsAt } from '../../manifests/objects.ts';
import { type Container, mappingAt } from '../../manifests/pods.ts';
import type { Problem, Rule } from '../rule.ts';

export const liveness: Rule = {
  code: 'LG_DOCTOR_LIVENESS',
  severity: 'warning',
  why: `While lastgood waits for the proof that a new version works, the kubelet asks the same endpoint. If the
liveness probe fails \`failureThreshold\` times before \`confirm.within\` is over, the kubelet restarts the app on the
bad version before lastgood rolls it back. A liveness probe is best at an endpoint that does not depend on the
configuration.`,
  check: ({ settings }) =>
    [...settings].flatMap(
      ([
        pod,
        {
          container,
          settings: { bundles },
        },
      ]) =>
        bundles.flatMap(({ name, confirm }) => {
          const url = URL.parse(confirm?.http?.url ?? '');
          if (confirm === undefined || url === null) return [];
          return pod.containers
            .filter((each) => each !== container && each.role !== 'init')
            .flatMap((app) => problemOf(app, url, name, confirm.withinMs));
        }),
    ),
};

function problemOf(app: Container, url: URL, bundle: string, withinMs: number): Problem[] {
  const { value, pod, at } = app;
  const probe = mappingAt(value, ['livenessProbe']);
  const { path = '/', port } = mappingAt(probe, ['httpGet']);
  if (port === undefined || path !== url.pathname) return [];
  if (portNumber(app, port) !== Number(url.port || 80)) return [];
  const { periodSeconds = 10, failureThreshold = 3 } = probe;
  const killedMs = Number(periodSeconds) * Number(failureThreshold) * 1000;
  if (!(killedMs <= withinMs)) return [];
  const args = [quote(app.name), formatDuration(killedMs), quote(bundle), formatDuration(withinMs)];
  const threshold = Math.floor(withinMs / 1000 / Number(periodSeconds)) + 1;
  const fix = `set failureThreshold: ${threshold}, or probe an endpoint that shows only whether the process works`;
  return [{ object: pod.object, at: [...at, 'livenessProbe'], part: 'key', args, fix }];
}

function portNumber({ value }: Container, port: unknown): number {
  const named = itemsAt(value, ['ports']).map((each) => mappingAt(each.value, []));
  return Number(named.find(({ name }) => name === port)?.containerPort ?? port);
}
