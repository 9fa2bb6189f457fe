import { isAbsolute, join } from 'node:path';
import { decode } from '@lastgood/core/formats/encoding.ts';
import type { Document } from '@lastgood/core/formats/format.ts';
import { formatOfPath } from '@lastgood/core/formats/formats.ts';
import { createLines } from '@lastgood/core/formats/lines.ts';
import { findingOf, reasonOf } from '@lastgood/core/model/error.ts';
import type { Finding } from '@lastgood/core/model/finding.ts';
import { locateIssues } from '@lastgood/core/model/issue.ts';
import { isMapping } from '@lastgood/core/model/mapping.ts';
import type { SnapshotFile } from '@lastgood/core/model/snapshot.ts';
import type { CommandContext } from '../command.ts';
import { openInput, STDIN } from '../inputs/open-input.ts';
import { readDirectory } from '../inputs/read-directory.ts';
import { type Manifests, readObjects } from '../manifests/manifests.ts';

/** What the arguments of the command line contain. */
export interface Given {
  readonly manifests: readonly Manifests[];
  /** Why an argument cannot be read. */
  readonly unreadable: readonly Finding[];
  /** What was left out of directories. */
  readonly notes: readonly string[];
}

type Context = Pick<CommandContext, 'clock' | 'standardInput'>;

/** Reads the manifests in files, directories, and with `-` in standard input. Never rejects. */
export async function readManifestsOf(names: readonly string[], context: Context): Promise<Given> {
  const given = await Promise.all([...new Set(names)].map((name) => readInput(name, context)));
  return {
    manifests: given.flatMap(({ manifests }) => manifests),
    unreadable: given.flatMap(({ unreadable }) => unreadable),
    notes: given.flatMap(({ notes }) => notes),
  };
}

async function readInput(name: string, context: Context): Promise<Given> {
  try {
    const opened = await openInput(name, context);
    if (opened === 'directory') return await readTree(name, context);
    const shown = name === '-' ? STDIN : name;
    const read = readFile(opened, shown);
    if ('objects' in read) return { manifests: [read], unreadable: [], notes: [] };
    return { manifests: [], unreadable: read, notes: [] };
  } catch (thrown) {
    const unreadable = [findingOf('LG_INPUT_UNREADABLE', [reasonOf(thrown)], { file: name })];
    return { manifests: [], unreadable, notes: [] };
  }
}

async function readTree(name: string, { clock }: Context): Promise<Given> {
  const { snapshot, findings } = await readDirectory(name, { clock, secret: false });
  const manifests: Manifests[] = [];
  const invalid: string[] = [];
  for (const file of snapshot?.files ?? []) {
    if (!['yaml', 'json'].includes(formatOfPath(file.path).name)) continue;
    const shown = isAbsolute(file.path) ? file.path : join(name, file.path);
    const read = readFile(file, shown);
    if ('objects' in read) manifests.push(read);
    else invalid.push(shown);
  }
  const unreadable = findings.filter(({ severity }) => severity === 'error');
  return { manifests, unreadable, notes: invalid.length === 0 ? [] : [noteOf(invalid)] };
}

const MAX_SHOWN = 3;

/** A directory may have other files too, such as the templates of a chart. */
function noteOf(invalid: readonly string[]): string {
  const shown = invalid.slice(0, MAX_SHOWN).join(', ');
  const more = invalid.length > MAX_SHOWN ? ` and ${invalid.length - MAX_SHOWN} more` : '';
  return `not valid YAML or JSON, so not checked; render templates first: ${shown}${more}`;
}

/** The manifests in a file, or what keeps it from being read. As of a secret, no content is quoted (P8). */
function readFile(
  { path, bytes }: Pick<SnapshotFile, 'path' | 'bytes'>,
  shown: string,
): Manifests | readonly Finding[] {
  const format = formatOfPath(path);
  const decoded = decode(bytes, format.name);
  const parsed = decoded.ok ? format.parse(decoded.text) : decoded;
  const file = { path: shown, secret: true };
  if (!parsed.ok) return locateIssues(parsed.issues, file, createLines(decoded.text));
  const documents = KUSTOMIZATION.test(path) ? parsed.documents.map(withKind) : parsed.documents;
  return readObjects(shown, decoded.text, format, documents);
}

const KUSTOMIZATION = /(?:^|\/)kustomization\.ya?ml$/;

/** Kustomize takes a file of this name also without a kind. */
function withKind(document: Document): Document {
  const { value } = document;
  if (!isMapping(value) || value.kind !== undefined) return document;
  const kind = { apiVersion: 'kustomize.config.k8s.io/v1beta1', kind: 'Kustomization' };
  return { ...document, value: { ...value, ...kind } };
}
