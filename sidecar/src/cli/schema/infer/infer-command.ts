import { basename } from 'node:path';
import { decode } from '@lastgood/core/formats/decode.ts';
import type { Format, FormatName } from '@lastgood/core/formats/format.ts';
import { formatNamed, formatOfPath } from '@lastgood/core/formats/formats.ts';
import { findingOf } from '@lastgood/core/model/error.ts';
import type { Finding } from '@lastgood/core/model/finding.ts';
import type { SnapshotFile } from '@lastgood/core/model/snapshot.ts';
import { DRAFTS } from '../../../checks/json-schema/meta-schema.ts';
import { parseFile } from '../../../checks/parse-file.ts';
import { exampleOf, exampleOfKeys } from './example.ts';
import { inferSchema } from './infer.ts';
import { type Read, readAt } from './read.ts';

export interface SchemaInferOptions {
  /** Files that are examples of one kind, or directories, or manifests. */
  readonly paths: readonly string[];
  /** Each directory is one example, a file of it one key of it. */
  readonly keys: boolean;
  /** Keys that no example has are allowed. */
  readonly open: boolean;
  /** Findings quote nothing of the content. A schema holds no value in any case (P8). */
  readonly secret: boolean;
  readonly format: FormatName | 'auto';
}

export interface NamedSchema {
  /** `config.yaml`, `conf/app.yaml`: the file that it is for; for `keys` the directory's name. */
  readonly name: string;
  /** Pretty JSON with a line break at its end. */
  readonly text: string;
}

/** A file that something is found in gives no schema. */
export interface SchemaInferred {
  readonly schemas: readonly NamedSchema[];
  readonly findings: readonly Finding[];
}

/** The files that one schema is learnt from. */
interface Kind {
  readonly name: string;
  readonly examples: readonly (readonly SnapshotFile[])[];
}

/**
 * Learns schemas from known-good configuration. Files are all examples of one kind and give one
 * schema. Directories, and the ConfigMaps and Secrets of manifests, give one schema for each path in them
 * whose format has keys, and files of the same path are examples of one kind, as those of a directory per stage. With `keys`, all directories
 * give one schema of an object with a key a file. Every document of a YAML file is an example. Never
 * rejects: what is wrong is a finding.
 */
export async function runSchemaInfer(options: SchemaInferOptions): Promise<SchemaInferred> {
  const { paths, secret } = options;
  const read = (await Promise.all(paths.map((path) => readAt(path, secret)))).flat();
  const missing = read.flatMap((each) => (each.kind === 'nothing' ? each.findings : []));
  if (missing.length > 0) return { schemas: [], findings: missing };
  const kinds = kindsOf(read, options);
  if (kinds === undefined) return { schemas: [], findings: [mixed(options.keys)] };
  const learnt = kinds.map((kind) => learn(kind, options));
  return {
    schemas: learnt.flatMap(({ schemas }) => schemas),
    findings: learnt.flatMap(({ findings }) => findings),
  };
}

/** Of these formats a value has no keys that could be learnt. */
const KEYLESS: readonly FormatName[] = ['text', 'binary', 'pem'];

/** Undefined where files stand beside directories, or where directories alone make sense. */
function kindsOf(read: readonly Read[], options: SchemaInferOptions): readonly Kind[] | undefined {
  const files = read.flatMap((each) => (each.kind === 'file' ? [each.files] : []));
  const directories = read.flatMap((each) => (each.kind === 'directory' ? [each] : []));
  const name = basename(options.paths[0] ?? '');
  if (files.length > 0)
    return directories.length > 0 || options.keys ? undefined : [{ name, examples: files }];
  if (options.keys) return [{ name, examples: directories.map((each) => each.files) }];
  const all = directories.flatMap(({ files: held, object }) =>
    // Two ConfigMaps may both have a `config.yaml`, and it is not the same thing.
    held.map((file) => (object === undefined ? file : { ...file, path: `${object}/${file.path}` })),
  );
  const known = all.filter(({ path }) => !KEYLESS.includes(formatOf(path, options.format).name));
  const byPath = Map.groupBy(known, ({ path }) => path);
  return [...byPath].map(([path, same]) => ({ name: path, examples: [same] }));
}

function mixed(keys: boolean): Finding {
  const what = keys
    ? '--keys takes directories: each file of one is a key'
    : 'name either files, all of one kind, or directories';
  return findingOf('LG_USAGE', [what]);
}

function learn({ name, examples }: Kind, options: SchemaInferOptions): SchemaInferred {
  const { keys, open } = options;
  const read = keys
    ? { values: examples.map(exampleOfKeys), findings: [] }
    : valuesOf(examples.flat(), options);
  if (read.findings.length > 0) return { schemas: [], findings: read.findings };
  const count = read.values.length;
  const schema = {
    $schema: DRAFTS.draft2020,
    title: name,
    $comment: `learnt by lastgood schema infer from ${count === 1 ? 'one example' : `${count} examples`}`,
    ...inferSchema(read.values, { open, fixedKeys: keys }),
  };
  return { schemas: [{ name, text: `${JSON.stringify(schema, null, 2)}\n` }], findings: [] };
}

function valuesOf(files: readonly SnapshotFile[], { format }: SchemaInferOptions) {
  const read = files.map((file) => {
    const parsed = parseFile(file, formatOf(file.path, format));
    if (!parsed.ok) return { values: [], findings: parsed.findings };
    const text = decode(file.bytes);
    const values = parsed.documents.map((each) => exampleOf(each, text.ok ? text.text : ''));
    return { values, findings: [] };
  });
  return {
    values: read.flatMap(({ values }) => values),
    findings: read.flatMap(({ findings }) => findings),
  };
}

function formatOf(path: string, format: SchemaInferOptions['format']): Format {
  return format === 'auto' ? formatOfPath(path) : formatNamed(format);
}
