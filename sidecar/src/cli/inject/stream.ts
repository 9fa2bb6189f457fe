import type { Document } from '@lastgood/core/formats/format.ts';
import { createLines } from '@lastgood/core/formats/lines.ts';
import { yaml } from '@lastgood/core/formats/yaml.ts';
import { findingOf } from '@lastgood/core/model/error.ts';
import type { Finding } from '@lastgood/core/model/finding.ts';
import { locateIssues } from '@lastgood/core/model/issue.ts';
import { valueAt } from '@lastgood/core/model/pointer.ts';
import { tryTo } from '@lastgood/core/model/try-to.ts';
import { type Piece, type Pieces, type PlacedWorkload, pieceOf, readPieces } from './piece.ts';
import type { Workload } from './pod.ts';
import type { Problem } from './problem.ts';
import { shiftNode, type TextNode } from './text-nodes.ts';

export type { PlacedWorkload } from './piece.ts';

/** A stream of manifests, with the place of each value in the text. */
export interface Stream {
  readonly text: string;
  readonly documents: readonly Document[];
  readonly workloads: readonly PlacedWorkload[];
  /** JSON has one document, and nothing can be added below it. */
  readonly isJson: boolean;
  readonly pieces: Pieces;
  /** The top node of a document. */
  nodeOf(document: number): TextNode | undefined;
}

/** Findings, once the name of the file is known. */
type Locatable = (file: string) => readonly Finding[];

/**
 * Reads a stream of manifests in YAML or JSON, or says why it cannot be read.
 *
 * @param before - the stream before a change: only documents that it does not have are read, so that the
 *   work for many changes grows with their number, and not with its square
 */
export function readStream(
  text: string,
  before?: Stream,
): Stream | { readonly findings: Locatable } {
  const changed = before && readPieces(text, before.pieces);
  if (changed !== undefined) return joinPieces(text, changed);
  const parsed = yaml.parse(text);
  if (!parsed.ok) {
    // A stream may have a Secret: what it quotes may be a value (P8).
    const findings: Locatable = (path) =>
      locateIssues(parsed.issues, { path, secret: true }, createLines(text));
    return { findings };
  }
  const { documents } = parsed;
  const pieces = readPieces(text, new Map());
  const isSplit = pieces?.flatMap((each) => each.documents).length === documents.length;
  return joinPieces(text, isSplit ? pieces : [pieceOf(text, documents)]);
}

function joinPieces(text: string, pieces: readonly Piece[]): Stream {
  const documents: Document[] = [];
  const workloads: PlacedWorkload[] = [];
  const nodes: (() => TextNode | undefined)[] = [];
  let offset = 0;
  let line = 0;
  for (const piece of pieces) {
    const [start, lines, first] = [offset, line, documents.length];
    for (const placed of piece.workloads)
      workloads.push({ ...placed, document: first + placed.document });
    piece.documents.forEach((document, index) => {
      documents.push(below(document, lines));
      nodes.push(() => {
        const node = piece.nodes()[index];
        return node && shiftNode(node, start);
      });
    });
    offset += piece.text.length;
    line += piece.lineBreaks;
  }
  const isJson = documents.length === 1 && tryTo(() => JSON.parse(text)) !== undefined;
  const byText = new Map(pieces.map((piece) => [piece.text, piece]));
  return { text, documents, workloads, isJson, pieces: byText, nodeOf: (at) => nodes[at]?.() };
}

/** A document that begins below some lines. */
function below({ value, locate }: Document, lines: number): Document {
  return {
    value,
    locate: (pointer, part) => {
      const { line, column } = locate(pointer, part);
      return { line: line + lines, column };
    },
  };
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
