import { itemsAt, type ManifestObject, textAt } from './objects.ts';
import { mappingAt } from './pods.ts';

/** What the objects of tools and operators say about others, such as a Kustomization or an ExternalSecret. */
export interface Tools {
  /** Every text in them: the names of what they may make, change or replace. */
  readonly mentioned: ReadonlySet<string>;
  /** Names to which Kustomize adds a hash of the content. */
  readonly hashed: ReadonlySet<string>;
}

/** The API groups of Kubernetes itself; that of Kustomize looks like one. */
const BUILT_IN =
  /^(?:v\d|(?:apps|batch|autoscaling|policy|extensions)\/|(?!kustomize\.).*\.k8s\.io\/)/;

export function readTools(objects: readonly ManifestObject[]): Tools {
  const tools = objects.filter(({ apiVersion }) => !BUILT_IN.test(apiVersion));
  const mentioned = new Set<string>();
  const collect = (value: unknown): void => {
    if (typeof value === 'string') mentioned.add(value);
    else if (typeof value === 'object' && value !== null) Object.values(value).forEach(collect);
  };
  for (const { value } of tools) collect(value);
  return { mentioned, hashed: new Set(tools.flatMap(hashedNamesOf)) };
}

function hashedNamesOf({ value }: ManifestObject): readonly string[] {
  const generators = ['configMapGenerator', 'secretGenerator'];
  return generators.flatMap((list) =>
    itemsAt(value, [list]).flatMap(({ value: generator }) => {
      const options = [mappingAt(value, ['generatorOptions']), mappingAt(generator, ['options'])];
      const isPlain = options.some(({ disableNameSuffixHash }) => disableNameSuffixHash === true);
      return isPlain ? [] : (textAt(generator, ['name']) ?? []);
    }),
  );
}
