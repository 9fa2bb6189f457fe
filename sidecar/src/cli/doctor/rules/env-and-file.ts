import { quote } from '@lastgood/core/model/quote.ts';
import { itemsAt, textAt } from '../../manifests/objects.ts';
import { type Container, configsOf, type EnvSource, envSourcesOf } from '../../manifests/pods.ts';
import { isReplacedOnChange, isReplacedWithName } from '../../manifests/restarts.ts';
import type { Problem, Rule, RuleContext } from '../rule.ts';

export const envAndFile: Rule = {
  code: 'LG_DOCTOR_ENV_AND_FILE',
  severity: 'warning',
  why: `After a change, the file has the new value and the variable still has the old one: one app runs on two
versions, and which value counts depends on the code that reads it. \`envFrom\` imports every key, also one such as
\`config.yaml\`, whose whole text becomes a variable. Not reported where every change makes new pods.`,
  check: ({ pods, configs, tools }) =>
    pods
      .filter((pod) => !pod.runsOnce && !isReplacedOnChange(pod))
      .flatMap(({ containers }) => containers)
      .filter(({ role }) => role !== 'init')
      .flatMap((container) =>
        envSourcesOf(container)
          .filter(({ name }) => !isReplacedWithName(name, tools))
          .flatMap((source) => problemOf(container, source, configs)),
      ),
};

function problemOf(
  container: Container,
  source: EnvSource,
  configs: RuleContext['configs'],
): Problem[] {
  const { pod } = container;
  const read = keysInFiles(container, source);
  const known = configsOf(pod, source, configs).flatMap(({ keys }) => keys);
  const variables = source.key === undefined ? known.filter(isVariable) : [source.key];
  // Without `items`, a volume has every key; without a key, a variable is made of each.
  const both = read === 'all' ? variables : (read ?? []).filter((key) => variables.includes(key));
  const args = [quote(container.name), shownKeys(both), `${source.kind} ${source.name}`];
  return both.length === 0 ? [] : [{ object: pod.object, at: source.at, args }];
}

/** Source: Kubernetes apimachinery pkg/util/validation, IsEnvVarName, before it took any character. */
function isVariable(key: string): boolean {
  return /^(?!\.\.)[-._a-zA-Z][-._a-zA-Z0-9]*$/.test(key);
}

/** The keys of an object that a container sees as files; undefined if it mounts none of it. */
function keysInFiles(
  { pod, mounts }: Container,
  { kind, name }: EnvSource,
): readonly string[] | 'all' | undefined {
  const mounted = new Set(
    mounts.flatMap((each) => (each.subPathAt === undefined ? each.volume : [])),
  );
  const sources = pod.volumes
    .filter((volume) => mounted.has(volume.name))
    .flatMap((volume) => volume.sources)
    .filter((source) => source.kind === kind && source.name === name);
  if (sources.length === 0) return undefined;
  const keys = sources.map((source) =>
    itemsAt(pod.object.value, [...source.pointer, 'items']).flatMap(
      ({ value }) => textAt(value, ['key']) ?? [],
    ),
  );
  return keys.some((each) => each.length === 0) ? 'all' : keys.flat();
}

const MAX_SHOWN = 3;

function shownKeys(keys: readonly string[]): string {
  const shown = [...new Set(keys)].map(quote);
  if (shown.length <= MAX_SHOWN) return shown.join(', ');
  return `${shown.slice(0, MAX_SHOWN).join(', ')} and ${shown.length - MAX_SHOWN} more keys`;
}
