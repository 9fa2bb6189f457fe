import type { Document } from '@lastgood/core/formats/format.ts';
import { parseFile } from '@lastgood/core/formats/parse-file.ts';
import { yaml } from '@lastgood/core/formats/yaml.ts';
import { findingOf } from '@lastgood/core/model/error.ts';
import type { Finding } from '@lastgood/core/model/finding.ts';

/** The only YAML document of the settings file, or what is wrong: `LG_SETTINGS_SYNTAX`. */
export type ParsedDocument =
  | { readonly ok: true; readonly document: Document }
  | { readonly ok: false; readonly findings: readonly Finding[] };

/** Parses the bytes of the settings file. A second document is an error, not silently ignored. */
export function parseDocument(file: string, bytes: Buffer): ParsedDocument {
  // As of a secret, no content is quoted: it may be half of a URL with a password (P8).
  const parsed = parseFile({ path: file, bytes, secret: true }, yaml, { strict: true });
  if (!parsed.ok) {
    const findings = parsed.findings.map(({ message, location }) =>
      findingOf('LG_SETTINGS_SYNTAX', [message], location),
    );
    return { ok: false, findings };
  }
  const [document, second] = parsed.documents;
  if (document !== undefined && second === undefined) return { ok: true, document };
  const location = { file, ...second?.locate([], 'value') };
  const finding = findingOf('LG_SETTINGS_SYNTAX', ['contains a second document'], location);
  return { ok: false, findings: [finding] };
}
