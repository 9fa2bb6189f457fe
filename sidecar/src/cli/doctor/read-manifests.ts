import { readFile } from 'node:fs/promises';
import { decode } from '@lastgood/core/formats/encoding.ts';
import { FORMATS, formatOfPath } from '@lastgood/core/formats/formats.ts';
import { createLines } from '@lastgood/core/formats/lines.ts';
import { findingOf, reasonOf } from '@lastgood/core/model/error.ts';
import type { Finding } from '@lastgood/core/model/finding.ts';
import { locateIssues } from '@lastgood/core/model/issue.ts';
import type { SnapshotFile } from '@lastgood/core/model/snapshot.ts';
import type { CommandContext } from '../command.ts';
import { extensionOf, openInput, STDIN } from '../inputs/open-input.ts';
import { walkTree } from '../inputs/walk-tree.ts';
import { isKustomization, withKinds } from '../manifests/kustomization.ts';
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
    if (opened === 'directory') return await readTree(name);
    const shown = name === '-' ? STDIN : name;
    const read = parseFile(opened, shown);
    if ('objects' in read) return { manifests: [read], unreadable: [], notes: [] };
    return { manifests: [], unreadable: read, notes: [] };
  } catch (thrown) {
    return { manifests: [], unreadable: [unreadableOf(name, reasonOf(thrown))], notes: [] };
  }
}

function unreadableOf(file: string, reason: string): Finding {
  return findingOf('LG_INPUT_UNREADABLE', [reason], { file });
}

const MANIFEST_FILE = /\.(?:ya?ml|json)$|^Kustomization$/i;

/** Keeps only the files with objects: a working tree may have thousands of others. */
async function readTree(name: string): Promise<Given> {
  const { files, unreadable } = await walkTree(name, MANIFEST_FILE);
  const manifests: Manifests[] = [];
  const invalid: string[] = [];
  for (const path of files) {
    const bytes = await readFile(path).catch((thrown: unknown) => reasonOf(thrown));
    if (typeof bytes === 'string') unreadable.set(path, bytes);
    else if (mayHaveObjects(path, bytes)) {
      const read = parseFile({ path, bytes }, path);
      if (!('objects' in read)) invalid.push(path);
      else if (read.objects.length > 0) manifests.push(read);
    }
  }
  return {
    manifests,
    unreadable: [...unreadable].map(([file, reason]) => unreadableOf(file, reason)),
    notes: invalid.length === 0 ? [] : [noteOf(invalid)],
  };
}

/** Tells most files without an object from manifests, and does not parse them. */
function mayHaveObjects(path: string, bytes: Buffer): boolean {
  return bytes.includes('apiVersion') || isKustomization(path);
}

const MAX_SHOWN = 3;

/** A directory may have other files too, such as the templates of a chart. */
function noteOf(invalid: readonly string[]): string {
  const shown = invalid.slice(0, MAX_SHOWN).join(', ');
  const more = invalid.length > MAX_SHOWN ? ` and ${invalid.length - MAX_SHOWN} more` : '';
  return `not valid YAML or JSON, so not checked; render templates first: ${shown}${more}`;
}

/** The manifests in a file, or what keeps it from being read. As of a secret, no content is quoted (P8). */
function parseFile(
  { path, bytes }: Pick<SnapshotFile, 'path' | 'bytes'>,
  shown: string,
): Manifests | readonly Finding[] {
  // A file that is named is a manifest, as for kubectl, whatever its extension is.
  const { name } = formatOfPath(path);
  const format = FORMATS[name === 'yaml' || name === 'json' ? name : extensionOf(bytes)];
  const decoded = decode(bytes, format.name);
  const parsed = decoded.ok ? format.parse(decoded.text) : decoded;
  const file = { path: shown, secret: true };
  if (!parsed.ok) return locateIssues(parsed.issues, file, createLines(decoded.text));
  return readObjects(shown, decoded.text, format, withKinds(path, parsed.documents));
}
