import { readFile as readFromDisk } from 'node:fs/promises';
import { findingOf, reasonOf } from '@lastgood/core/model/error.ts';
import type { Finding, Location } from '@lastgood/core/model/finding.ts';
import { type Part, type Pointer, valueAt } from '@lastgood/core/model/pointer.ts';
import { redactPath } from '../io/http/redact-url.ts';
import { parseDocument } from './document.ts';
import type { Expanded } from './expand-presets.ts';
import { type Loaded, settingsOfValue } from './from-value.ts';

type ReadFile = (path: string) => Promise<Buffer>;

/** A ConfigMap cannot contain more. Source: Kubernetes documentation, ConfigMap. */
const MAX_FILE_BYTES = 2 ** 20;

/**
 * Reads the settings file at a path and fills in the defaults. Never rejects: for a file that is
 * missing or wrong it returns findings `LG_SETTINGS_*`, each at its line and column.
 */
export async function load(path: string, readFile: ReadFile = readFromDisk): Promise<Loaded> {
  const bytes = await read(path, readFile);
  if (!Buffer.isBuffer(bytes)) return { ok: false, findings: [bytes] };
  const parsed = parseDocument(path, bytes);
  if (!parsed.ok) return parsed;
  const { document } = parsed;
  const expanded = await withoutPresets(document.value);
  const locate = (at: Pointer, part: Part = 'value') => ({
    file: path,
    ...document.locate(expanded.originOf(at), part),
  });
  locate.text = (at: Pointer, text: string) =>
    placeOfText(bytes.toString('utf8'), locate(at), text);
  return settingsOfValue(expanded.value, { file: path, locate, places: locate }, expanded.issues);
}

/** Loads the presets only if a bundle uses one. */
async function withoutPresets(value: unknown): Promise<Expanded> {
  const bundles = valueAt(value, ['bundles']);
  const hasPreset =
    Array.isArray(bundles) &&
    bundles.some((_, index) => valueAt(bundles, [index, 'preset']) !== undefined);
  if (!hasPreset) return { value, issues: [], originOf: (path) => path };
  return (await import('./expand-presets.ts')).expandPresets(value, bundles);
}

/** Text in quotes starts after them. With escapes or on several lines, it is not verbatim. */
function placeOfText(source: string, at: Required<Location>, text: string) {
  const rest = (source.split(/\r\n|\n|\r/)[at.line - 1] ?? '').slice(at.column - 1);
  const quotes = /^["']/.test(rest) ? 1 : 0;
  const verbatim = rest.slice(quotes).startsWith(text);
  return { location: verbatim ? { ...at, column: at.column + quotes } : at, verbatim };
}

async function read(path: string, readFile: ReadFile): Promise<Buffer | Finding> {
  try {
    const bytes = await readFile(path);
    if (bytes.length <= MAX_FILE_BYTES) return bytes;
    return findingOf('LG_SETTINGS_MISSING', [redactPath(path), 'it is larger than 1Mi']);
  } catch (thrown) {
    return findingOf('LG_SETTINGS_MISSING', [redactPath(path), reasonOf(thrown)]);
  }
}
