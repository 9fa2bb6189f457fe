import { decode } from '@lastgood/core/formats/decode.ts';
import type { Document, Problem } from '@lastgood/core/formats/format.ts';
import { yaml } from '@lastgood/core/formats/yaml.ts';
import { findingOf } from '@lastgood/core/model/error.ts';
import type { Finding } from '@lastgood/core/model/finding.ts';

/** The only YAML document of the settings file, or what is wrong: `LG_SETTINGS_SYNTAX`. */
export type ParsedDocument =
  | { readonly ok: true; readonly document: Document }
  | { readonly ok: false; readonly findings: readonly Finding[] };

/** Parses the bytes of the settings file. A second document is an error, not silently ignored. */
export function parseDocument(file: string, bytes: Buffer): ParsedDocument {
  const decoded = decode(bytes);
  const parsed = decoded.ok ? yaml.parse(decoded.text) : decoded;
  if (!parsed.ok)
    return { ok: false, findings: parsed.problems.map((problem) => syntaxAt(file, problem)) };
  const [document, second] = parsed.documents;
  if (document !== undefined && second === undefined) return { ok: true, document };
  const place = second?.locate([], 'value');
  const finding = findingOf('LG_SETTINGS_SYNTAX', ['contains a second document'], {
    file,
    ...place,
  });
  return { ok: false, findings: [finding] };
}

/**
 * The message and place of the problem under the code of the settings. It leaves out what the problem
 * quotes, which may be half of a URL with a password (P8).
 */
function syntaxAt(file: string, { code, args, line, column }: Problem): Finding {
  const { message } = findingOf(code, args);
  return findingOf('LG_SETTINGS_SYNTAX', [message], { file, line, column });
}
