import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Location } from '@lastgood/core/model/finding.ts';
import { pointerOf } from './instance-path.ts';
import { DRAFTS } from './meta-schema.ts';
import { type ReadSchema, readSchema, type SchemaFile, type SchemaProblem } from './schema-file.ts';
import { isObject, type Subschema, subschemasOf } from './walk.ts';

/** A schema with the files that it refers to, itself first. */
export interface Gathered {
  readonly files: readonly SchemaFile[];
  readonly problems: readonly SchemaProblem[];
}

/** No schema that people write is spread over more files. */
const MAX_FILES = 100;

const REF_KEYWORDS = ['$ref', '$dynamicRef'] as const;

/** A `$ref`, and what it leads to. */
interface Ref {
  readonly from: Subschema;
  readonly keyword: (typeof REF_KEYWORDS)[number];
  readonly written: string;
  /** Absolute and without fragment. */
  readonly uri: string;
  /** Without `#`. */
  readonly fragment: string;
  /** The file that it leads to, if that is another one than it stands in. */
  readonly path: string | undefined;
}

/**
 * Reads a schema and, through the same function, every file that it refers to, and those that these
 * refer to. A relative `$ref` is a path beside the file in which it stands, unless an `$id` in that
 * file has the URI that the `$ref` stands for. Nothing is ever fetched from the network. Never rejects.
 */
export async function gatherSchemas(path: string, read: ReadSchema): Promise<Gathered> {
  const files = new Map<string, SchemaFile>();
  const problems: SchemaProblem[] = [];
  const named = new Map<string, Location | undefined>([[path, undefined]]);
  // A Map may grow while it is walked.
  for (const [each, namedAt] of named) {
    const schema = await readSchema(each, read);
    if (!schema.ok) {
      problems.push(...schema.problems.map((problem) => located(problem, each, namedAt)));
      continue;
    }
    files.set(each, schema.file);
    for (const ref of refsIn(schema.file))
      if (ref.path !== undefined && !named.has(ref.path))
        named.set(ref.path, placeOfRef(schema.file, ref));
    if (named.size > MAX_FILES)
      return {
        files: [...files.values()],
        problems: [{ reason: `it refers to more than ${MAX_FILES} files` }],
      };
  }
  const gathered = [...files.values()];
  return {
    files: gathered,
    problems: problems.length > 0 ? problems : gathered.flatMap((file) => brokenIn(file, gathered)),
  };
}

/** A file that cannot even be read is told where a `$ref` names it. */
function located(problem: SchemaProblem, path: string, namedAt?: Location): SchemaProblem {
  if (problem.location !== undefined || namedAt === undefined) return problem;
  return { ...problem, reason: `its $ref to ${path}: ${problem.reason}`, location: namedAt };
}

function refsIn({ path, value, base }: SchemaFile): readonly Ref[] {
  const subschemas = subschemasOf(value, base);
  const known = new Set(subschemas.map((each) => each.base));
  return subschemas.flatMap((from) =>
    REF_KEYWORDS.flatMap((keyword) => {
      const written = from.schema[keyword];
      return typeof written === 'string' ? [refOf({ from, keyword, written }, path, known)] : [];
    }),
  );
}

function refOf(
  ref: Pick<Ref, 'from' | 'keyword' | 'written'>,
  path: string,
  known: ReadonlySet<string>,
): Ref {
  const { from, written } = ref;
  const [rest = '', fragment = ''] = written.split('#', 2);
  const uri = (URL.parse(rest, from.base)?.href ?? rest).replace(/#.*$/, '');
  const isHere = rest === '' || known.has(uri);
  return { ...ref, uri, fragment, path: isHere ? undefined : pathOf(rest, path) };
}

/** Undefined for a URI that names no file. */
function pathOf(reference: string, beside: string): string | undefined {
  const url = URL.parse(reference, pathToFileURL(beside));
  if (url?.protocol !== 'file:') return undefined;
  try {
    return fileURLToPath(url);
  } catch {
    return undefined;
  }
}

function brokenIn(file: SchemaFile, files: readonly SchemaFile[]): readonly SchemaProblem[] {
  const known = new Set(
    files.flatMap(({ value, base }) => [base, ...subschemasOf(value, base).map((s) => s.base)]),
  );
  return refsIn(file).flatMap((ref) => {
    const reason = reasonBroken(ref, file, files, known);
    return reason === undefined ? [] : [{ reason, location: placeOfRef(file, ref) }];
  });
}

/** Of an anchor and of what is inside an embedded `$id`, ajv says whether it is there. */
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
    return isThere(target, fragment) ? undefined : `its $ref ${written} leads to nothing`;
  if (known.has(uri) || isOfDraft(uri)) return undefined;
  return `its $ref ${written} is neither a file nor an $id in it, and nothing is fetched from the network`;
}

function isThere({ value }: SchemaFile, fragment: string): boolean {
  if (!fragment.startsWith('/')) return true;
  let inner: unknown = value;
  for (const step of pointerOf(decoded(fragment))) {
    if (typeof inner !== 'object' || inner === null || !Object.hasOwn(inner, step)) return false;
    inner = (inner as Record<string, unknown>)[step];
  }
  return true;
}

function decoded(fragment: string): string {
  try {
    return decodeURIComponent(fragment);
  } catch {
    return fragment;
  }
}

/** The drafts' own schemas are known without any file. */
function isOfDraft(uri: string): boolean {
  return Object.values(DRAFTS).some((draft) => uri.startsWith(draft.replace(/\/schema$/, '/')));
}

function placeOfRef({ locate }: SchemaFile, { from, keyword }: Ref): Location {
  return locate([...from.pointer, keyword], 'value');
}

/** The schemas with each `$ref` to a file as the `$id` of that file, so that ajv needs no paths. */
export function linked(files: readonly SchemaFile[]): readonly SchemaFile['value'][] {
  const bases = new Map(files.map(({ path, base }) => [path, base]));
  return files.map((file) => {
    if (!isObject(file.value)) return file.value;
    const copy = structuredClone(file.value);
    for (const { from, keyword, fragment, path } of refsIn({ ...file, value: copy }))
      if (path !== undefined)
        (from.schema as Record<string, unknown>)[keyword] = `${bases.get(path)}#${fragment}`;
    return { ...copy, $id: file.base };
  });
}
