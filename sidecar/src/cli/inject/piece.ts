import type { Document } from '@lastgood/core/formats/format.ts';
import { yaml } from '@lastgood/core/formats/yaml.ts';
import type { Pointer } from '@lastgood/core/model/pointer.ts';
import { kubectlValues } from '../manifests/kubectl-scalars.ts';
import { readManifestYaml } from '../manifests/manifest-yaml.ts';
import { objectAt, rootsOf } from '../manifests/objects.ts';
import { type Workload, workloadOf } from './pod.ts';
import { readTextNodes, type TextNode } from './text-nodes.ts';

/** A workload, and where it is in the documents around it. */
export interface PlacedWorkload {
  readonly workload: Workload;
  readonly document: number;
  /** Of an item of a list of objects. */
  readonly pointer: Pointer;
}

/**
 * A part of a stream that can be read alone: a document, or all of a text that cannot be split. All places
 * are those in the part.
 */
export interface Piece {
  readonly text: string;
  /** None in comments alone. */
  readonly documents: readonly Document[];
  readonly workloads: readonly PlacedWorkload[];
  readonly lineBreaks: number;
  nodes(): readonly TextNode[];
}

/** Pieces that were read before, by their text. */
export type Pieces = ReadonlyMap<string, Piece>;

/** The pieces of a stream, in order. Undefined if it is one piece, or if one of them cannot be read. */
export function readPieces(text: string, known: Pieces): readonly Piece[] | undefined {
  const texts = splitStream(text);
  if (texts.length === 1) return undefined;
  const pieces: Piece[] = [];
  for (const each of texts) {
    const piece = known.get(each) ?? readPiece(each);
    if (piece === undefined) return undefined;
    pieces.push(piece);
  }
  return pieces;
}

function readPiece(text: string): Piece | undefined {
  if (isBlank(text)) return pieceOf(text, []);
  const parsed = yaml.parse(text);
  return parsed.ok ? pieceOf(text, parsed.documents) : undefined;
}

/** @param documents - as they were parsed from the text */
export function pieceOf(text: string, documents: readonly Document[]): Piece {
  let nodes: readonly TextNode[] | undefined;
  return {
    text,
    documents,
    workloads: workloadsIn(text, documents),
    lineBreaks: text.split('\n').length - 1,
    nodes: () => {
      nodes ??= readTextNodes(text) ?? [];
      return nodes;
    },
  };
}

function workloadsIn(text: string, documents: readonly Document[]): readonly PlacedWorkload[] {
  const manifest = readManifestYaml(text);
  const kubectlValueAt = manifest === undefined ? () => undefined : kubectlValues(manifest);
  return documents.flatMap((each, document) =>
    rootsOf(each.value).flatMap((root) => {
      const object = objectAt('', each, root);
      const workload = object && workloadOf(object, kubectlValueAt);
      return workload === undefined ? [] : { workload, document, pointer: root.pointer };
    }),
  );
}

/** Directives and the marker of an end, which count for the next document, and unusual line breaks. */
const UNSPLIT = /(?:^|\n)(?:%|\.\.\.)|\r(?!\n)|[\u0085\u2028\u2029\uFEFF]/;

/** At the start of a line it begins a document, even in a block text and in quotes. */
const MARKER = /(?<=\n)---(?!\S)/g;

/** The texts of the documents of a stream, each with its marker. */
function splitStream(text: string): readonly string[] {
  if (UNSPLIT.test(text)) return [text];
  const starts = [0, ...text.matchAll(MARKER).map(({ index }) => index)];
  return starts.map((start, index) => text.slice(start, starts[index + 1]));
}

/** Comments alone are no document of a stream. */
function isBlank(text: string): boolean {
  const lines = text.replace(/^---(?!\S)/, '').split('\n');
  return lines.every((line) => /^(?:#|$)/.test(line.trim()));
}
