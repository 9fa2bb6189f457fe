import { fileURLToPath, pathToFileURL } from 'node:url';
import { cloneExact } from '@lastgood/core/model/exact-integers.ts';
import type { Location } from '@lastgood/core/model/finding.ts';
import { isMapping } from '@lastgood/core/model/mapping.ts';
import { percentDecode } from '@lastgood/core/model/percent-decode.ts';
import { parsePointer, valueAt } from '@lastgood/core/model/pointer.ts';
import { tryTo } from '@lastgood/core/model/try-to.ts';
import { DRAFTS } from './meta-schema.ts';
import {
  failed,
  type ReadSchema,
  readSchema,
  type SchemaFile,
  type SchemaIssue,
  type SchemaRead,
  schemaIssue,
} from './schema-file.ts';
import { type Subschema, subschemasOf } from './walk.ts';

/** More files than any schema that people write. */
const MAX_FILES = 100;

const REF_KEYWORDS = ['$ref', '$dynamicRef'] as const;

/** A `$ref` and its target. */
interface Ref {
  readonly from: Subschema;
  readonly keyword: (typeof REF_KEYWORDS)[number];
  readonly written: string;
  /** Absolute and without fragment. */
  readonly uri: string;
  /** Without `#`. */
  readonly fragment: string;
  /** The file of the target, unless it is the file of the `$ref`. */
  readonly path: string | undefined;
}

/**
 * Reads a schema, and after it all files that it refers to, directly or through others. A relative
 * `$ref` is a path relative to its file, unless an `$id` in that file has the URI of the `$ref`. Nothing
 * is fetched from the network. Never rejects.
 */
export async function gatherSchemas(
  path: string,
  read: ReadSchema,
): Promise<SchemaRead<{ readonly files: readonly SchemaFile[] }>> {
  const files = new Map<string, SchemaFile>();
  const issues: SchemaIssue[] = [];
  const named = new Map<string, Location | undefined>([[path, undefined]]);
  // A Map may grow while it is walked.
  for (const [each, namedAt] of named) {
    const schema = await readSchema(each, read);
    if (!schema.ok) {
      issues.push(...schema.issues.map((issue) => issueAtRef(issue, each, namedAt)));
      continue;
    }
    files.set(each, schema.file);
    for (const ref of refsIn(schema.file))
      if (ref.path !== undefined && !named.has(ref.path))
        named.set(ref.path, locationOfRef(schema.file, ref));
    if (named.size > MAX_FILES) return failed(`it refers to more than ${MAX_FILES} files`);
  }
  const gathered = [...files.values()];
  if (issues.length === 0) issues.push(...gathered.flatMap((file) => brokenIn(file, gathered)));
  return issues.length > 0 ? { ok: false, issues } : { ok: true, files: gathered };
}

/** A file that cannot be read at all is reported at the `$ref` to it. */
function issueAtRef(issue: SchemaIssue, path: string, namedAt?: Location): SchemaIssue {
  if (issue.at !== undefined || namedAt === undefined) return issue;
  return schemaIssue(`its $ref to ${path}: ${issue.args[0]}`, namedAt, issue.cause);
}

function refsIn({ path, value, base }: SchemaFile): readonly Ref[] {
  const subschemas = subschemasOf(value, base);
  const known = new Set(subschemas.map((each) => each.base));
  return subschemas.flatMap((from) =>
    REF_KEYWORDS.flatMap((keyword) => {
      const written = from.schema[keyword];
      if (typeof written !== 'string') return [];
      const [rest = '', fragment = ''] = written.split('#', 2);
      const uri = (URL.parse(rest, from.base)?.href ?? rest).replace(/#.*$/, '');
      const isHere = rest === '' || known.has(uri);
      const target = isHere ? undefined : pathOf(rest, path);
      return [{ from, keyword, written, uri, fragment, path: target }];
    }),
  );
}

/** Undefined for a URI that is not a file. */
function pathOf(reference: string, beside: string): string | undefined {
  const url = URL.parse(reference, pathToFileURL(beside));
  if (url?.protocol !== 'file:') return undefined;
  return tryTo(() => fileURLToPath(url));
}

function brokenIn(file: SchemaFile, files: readonly SchemaFile[]): readonly SchemaIssue[] {
  const known = new Set(
    files.flatMap(({ value, base }) => [base, ...subschemasOf(value, base).map((s) => s.base)]),
  );
  return refsIn(file).flatMap((ref) => {
    const reason = reasonBroken(ref, file, files, known);
    return reason === undefined ? [] : [schemaIssue(reason, locationOfRef(file, ref))];
  });
}

/** Anchors and the content of an embedded `$id` are left to ajv. */
function reasonBroken(
  { written, uri, fragment, path }: Ref,
  file: SchemaFile,
  files: readonly SchemaFile[],
  known: ReadonlySet<string>,
): string | undefined {
  const target =
    path === undefined
      ? [file, ...files].find(({ base }) => base === uri)
      : files.find((each) => each.path === path);
  if (target !== undefined)
    return isThere(target, fragment) ? undefined : `its $ref ${written} does not exist`;
  if (known.has(uri) || isOfDraft(uri)) return undefined;
  return `its $ref ${written} is neither a file nor an $id in it, and nothing is fetched from the network`;
}

function isThere({ value }: SchemaFile, fragment: string): boolean {
  if (!fragment.startsWith('/')) return true;
  return valueAt(value, parsePointer(percentDecode(fragment))) !== undefined;
}

/** The drafts' own schemas are built in. */
function isOfDraft(uri: string): boolean {
  return Object.values(DRAFTS).some((draft) => uri.startsWith(draft.replace(/\/schema$/, '/')));
}

function locationOfRef({ locate }: SchemaFile, { from, keyword }: Ref): Location {
  return locate([...from.pointer, keyword], 'value');
}

/** The schemas with each `$ref` to a file replaced by the `$id` of that file, so that ajv needs no paths. */
export function linked(files: readonly SchemaFile[]): readonly SchemaFile['value'][] {
  const bases = new Map(files.map(({ path, base }) => [path, base]));
  return files.map((file) => {
    if (!isMapping(file.value)) return file.value;
    const copy = cloneExact(file.value);
    for (const { from, keyword, fragment, path } of refsIn({ ...file, value: copy }))
      if (path !== undefined)
        (from.schema as Record<string, unknown>)[keyword] = `${bases.get(path)}#${fragment}`;
    copy.$id = file.base;
    return copy;
  });
}
