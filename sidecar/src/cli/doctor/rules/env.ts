import { quote } from '@lastgood/core/model/quote.ts';
import { configsOf, envSourcesOf } from '../pods.ts';
import { hasHashSuffix, restartersOf } from '../restarts.ts';
import type { Rule } from '../rule.ts';

export const env: Rule = {
  code: 'LG_DOCTOR_ENV',
  severity: 'warning',
  why: `The kubelet sets the environment of a container when it starts it, and never again. A changed ConfigMap or
Secret reaches a variable only with a new container. Not reported where every change makes new pods anyway (a checksum
annotation, Stakater Reloader, wave, a name with a hash), where lastgood has a \`restart\` target, for immutable
objects, for init containers, for Jobs and in the resources of operators, which may restart their pods.`,
  check: ({ pods, configs, settings, hashed }) =>
    pods
      .filter(
        (pod) =>
          pod.runsAsWritten &&
          !pod.runsOnce &&
          pod.spec.restartPolicy !== 'Never' &&
          restartersOf(pod).length === 0 &&
          !settings
            .get(pod)
            ?.settings.bundles.some(({ targets }) => targets.some((each) => 'restart' in each)),
      )
      .flatMap((pod) =>
        pod.containers
          .filter(({ role }) => role !== 'init')
          .flatMap((container) => {
            const sources = envSourcesOf(container).filter(
              (source) =>
                !hasHashSuffix(source.name) &&
                !hashed.has(source.name) &&
                !configsOf(pod, source, configs).some(({ object }) => object.value.immutable),
            );
            const byObject = Map.groupBy(sources, ({ kind, name }) => `${kind} ${name}`);
            return [...byObject].flatMap(([object, [first]]) =>
              first === undefined
                ? []
                : { object: pod.object, at: first.at, args: [quote(container.name), object] },
            );
          }),
      ),
};
