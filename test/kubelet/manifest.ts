import { formatLocation, type Location } from '@lastgood/core/model/finding.ts';
import { boolYaml11Tag, CORE_SCHEMA, intCoreTag, loadAll, mergeTag, YAMLException } from 'js-yaml';
import { type ConfigObject, objectKey, type Pod, SHAPES } from './manifest-shapes.ts';
import { positionOf } from './yaml-position.ts';

/** The pods of a manifest and what their volumes are made from. */
export interface Manifest {
  readonly pods: readonly Pod[];
  /** ConfigMaps and Secrets by `objectKey`. */
  readonly objects: ReadonlyMap<string, ConfigObject>;
}

/** One thing that is wrong with a manifest. Never holds a value: it may be a Secret's. */
export interface ManifestFinding {
  readonly location: Location;
  readonly message: string;
}

/** A manifest that cannot be used; its message has one `file:line:column: message` per finding. */
export class ManifestError extends Error {
  readonly findings: readonly ManifestFinding[];

  constructor(findings: readonly ManifestFinding[]) {
    const lines = findings.map(
      ({ location, message }) => `${formatLocation(location)}: ${message}`,
    );
    super(lines.join('\n'));
    this.name = 'ManifestError';
    this.findings = findings;
  }
}

/** An object of a manifest and its path in the text: the document's number first. */
interface Entry {
  readonly path: readonly PropertyKey[];
  readonly value: unknown;
}

interface Problem {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/**
 * Kubernetes still reads YAML 1.1 where it shows: `0644` is octal, `yes` a boolean. Times stay text.
 * Source: sigs.k8s.io/yaml.
 */
const KUBERNETES_SCHEMA = CORE_SCHEMA.withTags(mergeTag, boolYaml11Tag, {
  ...intCoreTag,
  resolve: (source, isExplicit, tagName) =>
    /^0[0-7]+$/.test(source)
      ? Number.parseInt(source, 8)
      : intCoreTag.resolve(source, isExplicit, tagName),
});

/**
 * Reads a manifest of one or more documents (or a `List`). Kinds that no volume needs are skipped.
 * `file` is how findings name it. Throws a {@link ManifestError} with every finding; two pods of one
 * name are one, since both would have the same directory.
 */
export function parseManifest(text: string, file = 'manifest.yaml'): Manifest {
  const problems: Problem[] = [];
  const pods = new Map<string, Pod>();
  const objects = new Map<string, ConfigObject>();
  for (const entry of entriesOf(documentsOf(text, file))) {
    const part = shaped(entry, problems);
    if (part === undefined) continue;
    if (part.kind !== 'Pod') objects.set(objectKey(part.kind, part.namespace, part.name), part);
    else if (!pods.has(part.name)) pods.set(part.name, part);
    else problems.push({ path: entry.path, message: `a second pod or workload "${part.name}"` });
  }
  if (problems.length === 0 && pods.size === 0) {
    problems.push({ path: [], message: 'contains no Pod and no workload with a pod template' });
  }
  if (problems.length > 0) throw new ManifestError(problems.map(located(text, file)));
  return { pods: [...pods.values()], objects };
}

function documentsOf(text: string, file: string): unknown[] {
  try {
    return loadAll(text, { schema: KUBERNETES_SCHEMA });
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    const { line = 0, column = 0 } = error.mark ?? {};
    const location = { file, line: line + 1, column: column + 1 };
    throw new ManifestError([{ location, message: error.reason }]);
  }
}

function entriesOf(documents: readonly unknown[]): Entry[] {
  return documents.flatMap((value, index): Entry[] => {
    // An empty document between two `---` is common in generated manifests.
    if (value == null) return [];
    if (kindOf(value) !== 'List') return [{ path: [index], value }];
    const { items } = value as { items?: unknown };
    const listed = Array.isArray(items) ? items : [];
    return listed.map((item, at) => ({ path: [index, 'items', at], value: item }));
  });
}

function shaped({ path, value }: Entry, problems: Problem[]): ConfigObject | Pod | undefined {
  const kind = kindOf(value);
  if (kind === undefined)
    problems.push({ path, message: 'is not a Kubernetes object: it has no kind' });
  const shape = SHAPES[kind ?? ''];
  if (shape === undefined) return undefined;
  const result = shape.safeParse(value);
  if (result.success) return result.data;
  for (const issue of result.error.issues) {
    const { message } = issue.code === 'invalid_key' ? (issue.issues[0] ?? issue) : issue;
    const where = issue.path.join('.');
    const what = message.replace('Invalid input: ', '');
    problems.push({ path: [...path, ...issue.path], message: `${where}: ${what}` });
  }
  return undefined;
}

function kindOf(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null || !('kind' in value)) return undefined;
  return typeof value.kind === 'string' ? value.kind : undefined;
}

function located(text: string, file: string) {
  return ({ path, message }: Problem): ManifestFinding => {
    return { location: { file, ...positionOf(text, path) }, message };
  };
}
