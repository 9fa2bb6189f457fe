import { readFile as readFromDisk } from 'node:fs/promises';
import { findingOf, reasonOf } from '../errors.ts';
import type { Part, Pointer } from '../formats/format.ts';
import type { Finding, Location } from '../verdict.ts';
import type { Complaint } from './complaint.ts';
import { parseDocument } from './document.ts';
import { resolve } from './resolve.ts';
import { checkRules } from './rules.ts';
import type { Settings } from './settings.ts';
import { checkShape } from './shape.ts';

/** The settings, or every finding, in the order of the file's lines. */
export type Loaded =
  | { readonly ok: true; readonly settings: Settings }
  | { readonly ok: false; readonly findings: readonly Finding[] };

type ReadFile = (path: string) => Promise<Buffer>;

/** No ConfigMap holds more. Source: Kubernetes documentation, ConfigMap. */
const MAX_FILE_BYTES = 2 ** 20;

/**
 * Reads the settings file at a path and fills every default in. Never rejects: a file that is
 * missing or wrong is findings `LG_SETTINGS_*`, each at its line and column: all mistakes of shape,
 * and the broken rules between keys of every bundle whose shape is right.
 */
export async function load(path: string, readFile: ReadFile = readFromDisk): Promise<Loaded> {
  const bytes = await read(path, readFile);
  if (!Buffer.isBuffer(bytes)) return { ok: false, findings: [bytes] };
  const parsed = parseDocument(path, bytes);
  if (!parsed.ok) return parsed;
  const { document } = parsed;
  const locate = (at: Pointer, part: Part = 'value') => ({
    file: path,
    ...document.locate(at, part),
  });
  locate.text = (at: Pointer, text: string) =>
    placeOfText(bytes.toString('utf8'), locate(at), text);
  const shape = checkShape(document.value);
  const complaints = shape.ok
    ? checkRules(shape.document)
    : [...shape.complaints, ...withoutEchoes(checkRules(shape.readable), shape.complaints)];
  if (shape.ok && complaints.length === 0)
    return { ok: true, settings: resolve(shape.document, path, locate) };
  return {
    ok: false,
    // A key that was left out has no place of its own: it gets that of the mapping around it.
    findings: inOrder(
      complaints.map(({ code, args, path: at, part }) => findingOf(code, args, locate(at, part))),
    ),
  };
}

/** A mapping that seems to lack a key may have it misspelt, which has been said already. */
function withoutEchoes(
  rules: readonly Complaint[],
  shape: readonly Complaint[],
): readonly Complaint[] {
  const misspelt = shape.filter(({ part }) => part === 'key');
  const places = new Set(misspelt.map(({ path }) => path.slice(0, -1).join('/')));
  return rules.filter(({ path }) => !places.has(path.join('/')));
}

/** A text in quotes begins behind them; one with escapes, or of several lines, is not verbatim. */
function placeOfText<At extends Required<Pick<Location, 'line' | 'column'>>>(
  source: string,
  at: At,
  text: string,
): { readonly location: At; readonly verbatim: boolean } {
  const rest = (source.split(/\r\n|\n|\r/)[at.line - 1] ?? '').slice(at.column - 1);
  const quotes = /^["']/.test(rest) ? 1 : 0;
  const verbatim = rest.slice(quotes).startsWith(text);
  return { location: verbatim ? { ...at, column: at.column + quotes } : at, verbatim };
}

async function read(path: string, readFile: ReadFile): Promise<Buffer | Finding> {
  try {
    const bytes = await readFile(path);
    if (bytes.length <= MAX_FILE_BYTES) return bytes;
    return findingOf('LG_SETTINGS_MISSING', [path, 'it is larger than 1Mi']);
  } catch (thrown) {
    return findingOf('LG_SETTINGS_MISSING', [path, reasonOf(thrown)]);
  }
}

function inOrder(findings: readonly Finding[]): Finding[] {
  const lineOf = ({ location }: Finding) => location?.line ?? 0;
  const columnOf = ({ location }: Finding) => location?.column ?? 0;
  return findings.toSorted((a, b) => lineOf(a) - lineOf(b) || columnOf(a) - columnOf(b));
}
