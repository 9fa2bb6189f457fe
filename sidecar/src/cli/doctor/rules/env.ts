import { quote } from '@lastgood/core/model/quote.ts';
import { configsOf, envSourcesOf } from '../../manifests/pods.ts';
import { isReplacedOnChange, isReplacedWithName } from '../../manifests/restarts.ts';
import type { Rule } from '../rule.ts';

export const env: Rule = {
  code: 'LG_DOCTOR_ENV',
  severity: 'warning',
  why: `The kubelet sets the environment of a container when it starts it, and never again. A changed ConfigMap or
Secret reaches a variable only with a new container. Not reported where every change makes new pods anyway (a checksum
annotation, Stakater Reloader, wave, a name with a hash), where lastgood has a \`restart\` target, for immutable
objects, for init containers, for Jobs and in the resources of operators, which may restart their pods.`,
  check: ({ pods, configs, settings, tools }) =>
    pods
      .filter(
        (pod) =>
          !pod.runsOnce &&
          !isReplacedOnChange(pod) &&
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
                !isReplacedWithName(source.name, tools) &&
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
