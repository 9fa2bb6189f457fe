import type { Document } from '@lastgood/core/formats/format.ts';
import { createLines } from '@lastgood/core/formats/lines.ts';
import { yaml } from '@lastgood/core/formats/yaml.ts';
import { findingOf } from '@lastgood/core/model/error.ts';
import type { Finding } from '@lastgood/core/model/finding.ts';
import { locateIssues } from '@lastgood/core/model/issue.ts';
import { type Pointer, valueAt } from '@lastgood/core/model/pointer.ts';
import { tryTo } from '@lastgood/core/model/try-to.ts';
import { kubectlValues } from '../manifests/kubectl-scalars.ts';
import { readManifestYaml } from '../manifests/manifest-yaml.ts';
import { objectAt, rootsOf } from '../manifests/objects.ts';
import { type Workload, workloadOf } from './pod.ts';
import type { Problem } from './problem.ts';
import { readTextNodes, type TextNode } from './text-nodes.ts';

/** A stream of manifests, with the place of each value in the text. */
export interface Stream {
  readonly text: string;
  readonly documents: readonly Document[];
  readonly nodes: readonly TextNode[];
  readonly workloads: readonly PlacedWorkload[];
  /** JSON has one document, and nothing can be added below it. */
  readonly isJson: boolean;
}

/** A workload, and where it is in the stream. */
export interface PlacedWorkload {
  readonly workload: Workload;
  readonly document: number;
  /** Of an item of a list of objects. */
  readonly pointer: Pointer;
}

/** Findings, once the name of the file is known. */
type Locatable = (file: string) => readonly Finding[];

/** Reads a stream of manifests in YAML or JSON, or says why it cannot be read. */
export function readStream(text: string): Stream | { readonly findings: Locatable } {
  const parsed = yaml.parse(text);
  if (!parsed.ok) {
    // A stream may have a Secret: what it quotes may be a value (P8).
    const findings: Locatable = (path) =>
      locateIssues(parsed.issues, { path, secret: true }, createLines(text));
    return { findings };
  }
  const nodes = readTextNodes(text) ?? [];
  const { documents } = parsed;
  const manifest = readManifestYaml(text);
  const kubectlValueAt = manifest === undefined ? () => undefined : kubectlValues(manifest);
  const workloads = documents.flatMap(({ value }, document) =>
    rootsOf(value).flatMap((root) => {
      const object = objectAt('', documents[document] as Document, root);
      const workload = object && workloadOf(object, kubectlValueAt);
      return workload === undefined ? [] : { workload, document, pointer: root.pointer };
    }),
  );
  const isJson = documents.length === 1 && tryTo(() => JSON.parse(text)) !== undefined;
  return { text, documents, nodes, workloads, isJson };
}

/** The value of an annotation of a workload. */
export function annotationOf({ value }: Workload, name: string): string | undefined {
  const annotation = valueAt(value, ['metadata', 'annotations', name]);
  return typeof annotation === 'string' ? annotation : undefined;
}

/** Tells the workloads of a stream apart. */
export function workloadKey({ workload: { shownName, object } }: PlacedWorkload): string {
  return `${shownName} ${object.namespace ?? ''}`;
}

/** A problem at its place in the text. */
export function locateProblem(
  file: string,
  { documents }: Stream,
  { document, pointer }: PlacedWorkload,
  { code, args, pointer: inner, location }: Problem,
): Finding {
  if (location !== undefined) return findingOf(code, args, location);
  const position = documents[document]?.locate([...pointer, ...inner], 'value');
  return findingOf(code, args, { file, ...position });
}
