import type { Finding } from '../model/finding.ts';
import { type Issue, locateIssues } from '../model/issue.ts';
import type { VersionFile } from '../model/snapshot.ts';
import { decode } from './encoding.ts';
import type { Document, Format, Parsed } from './format.ts';
import { createLines } from './lines.ts';
import { syntaxIssue } from './syntax-issues.ts';

export type ParsedFile =
  | {
      readonly ok: true;
      readonly documents: readonly Document[];
      /** Warnings. */
      readonly findings: readonly Finding[];
    }
  | { readonly ok: false; readonly findings: readonly Finding[] };

export interface ParseOptions {
  /** Refuse what only some readers of the format accept, instead of a warning. */
  readonly strict?: boolean;
  /** YAML tags that the app knows, which cause no warning. */
  readonly tags?: readonly string[];
}

/** Parses the bytes of a file: they must be text, and the text must be of the format. */
export function parseFile(
  file: Pick<VersionFile, 'path' | 'bytes' | 'secret'>,
  format: Format,
  { strict = false, tags = [] }: ParseOptions = {},
): ParsedFile {
  const { text, parsed } = decodeAndParse(file.bytes, format);
  const locate = (issues: readonly Issue[]) => locateIssues(issues, file, createLines(text));
  if (!parsed.ok) return { ok: false, findings: locate(parsed.issues) };
  const { documents } = parsed;
  const isKnown = ({ code, quote = '' }: Issue) =>
    code === 'LG_VALIDATE_TAG' && tags.includes(quote);
  const warnings = (parsed.warnings ?? []).filter((warning) => !isKnown(warning));
  if (!strict || warnings.length === 0)
    return { ok: true, documents, findings: locate(warnings.map(asWarning)) };
  return { ok: false, findings: locate(warnings) };
}

function decodeAndParse(
  bytes: Buffer,
  format: Format,
): { readonly text: string; readonly parsed: Parsed } {
  const decoded = decode(bytes, format.name);
  const { text } = decoded;
  if (!decoded.ok) return { text, parsed: decoded };
  const encrypted = sopsIssue(text, format);
  if (encrypted !== undefined) return { text, parsed: { ok: false, issues: [encrypted] } };
  const parsed = format.parse(text);
  // In a file that is refused, its encoding may be the reason.
  if (!parsed.ok)
    return { text, parsed: { ok: false, issues: [...decoded.warnings, ...parsed.issues] } };
  const warnings = [...decoded.warnings, ...(parsed.warnings ?? [])];
  const at = format.refusedAt?.(text, bytes, warnings);
  if (at === undefined) return { text, parsed: { ...parsed, warnings } };
  return { text, parsed: { ok: false, issues: unreadIssues(text, at, warnings) } };
}

const NO_READER = 'no common reader of the format accepts all lines';

/** The first warning of the line at an offset becomes an error. */
function unreadIssues(text: string, at: number, warnings: readonly Issue[]): readonly Issue[] {
  const positionOf = createLines(text);
  const { line } = positionOf(at);
  const said = warnings.find(
    (issue) => issue.code === 'LG_VALIDATE_DIALECT' && positionOf(issue.at).line === line,
  );
  const error =
    said === undefined
      ? syntaxIssue(NO_READER, at)
      : syntaxIssue(`${NO_READER}: ${said.args[0]}`, said.at, said.quote);
  return [error, ...warnings.filter((issue) => issue !== said).map(asWarning)];
}

const SOPS_VALUE = 'ENC[AES256_GCM,data:';
/** In plain text, such a value may be an example; sops itself writes this beside it. */
const SOPS_METADATA = /^[ \t]*"sops": ?\{/m;

/** A file that sops has encrypted is valid in its format, but nothing in a pod decrypts it. */
function sopsIssue(text: string, { name }: Format): Issue | undefined {
  const at = text.indexOf(SOPS_VALUE);
  const isPlain = name === 'text' || name === 'binary';
  if (at === -1 || (isPlain && !SOPS_METADATA.test(text))) return undefined;
  return syntaxIssue('is encrypted by sops; decrypt it before it gets into the volume', at);
}

function asWarning(issue: Issue): Issue {
  return { ...issue, severity: 'warning' };
}
