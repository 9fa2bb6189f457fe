import { readFile, realpath, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { createCapture } from '@lastgood/core/capture/capture.ts';
import { decode } from '@lastgood/core/formats/encoding.ts';
import type { Document, Format, FormatName, Position } from '@lastgood/core/formats/format.ts';
import { FORMATS, formatOfPath } from '@lastgood/core/formats/formats.ts';
import { parseFile } from '@lastgood/core/formats/parse-file.ts';
import { systemClock } from '@lastgood/core/model/clock.ts';
import { findingOf, reasonOf } from '@lastgood/core/model/error.ts';
import type { ErrorCode } from '@lastgood/core/model/error-codes.ts';
import type { Finding } from '@lastgood/core/model/finding.ts';
import { isMapping, type Mapping } from '@lastgood/core/model/mapping.ts';
import type { Pointer } from '@lastgood/core/model/pointer.ts';
import type { SnapshotFile } from '@lastgood/core/model/snapshot.ts';
import { CREDENTIAL } from '@lastgood/core/schema/format-value.ts';
import { DRAFTS } from '../../../checks/json-schema/meta-schema.ts';
import { fileOf } from '../../manifests/config-object.ts';
import { manifestsInFile } from '../../manifests/manifests.ts';
import type { InferRequest } from './flags.ts';
import { inferSchema, WRITTEN_FRACTION } from './infer-schema.ts';

export type InferOptions = Omit<InferRequest, 'output' | 'force' | 'open'>;

export interface NamedSchema {
  /** The file that it is for, such as `conf/app.yaml`; with `keys` the name of the directory. */
  readonly name: string;
  /** Pretty JSON that ends with a line break. */
  readonly text: string;
}

/** A file with findings gives no schema. */
export interface InferredSchemas {
  readonly schemas: readonly NamedSchema[];
  readonly findings: readonly Finding[];
  /** The files that are left out, as their format has no keys. */
  readonly leftOut: readonly string[];
}

/** What is at a path: a file or volumes, or findings that say why it cannot be read. */
interface Read {
  readonly file?: SnapshotFile;
  readonly volumes?: readonly Volume[];
  readonly findings?: readonly Finding[];
}

/** A directory, or what a ConfigMap or Secret of a manifest becomes. */
interface Volume {
  readonly object?: string;
  readonly files: readonly SnapshotFile[];
}

/** The files that give one schema. */
interface Kind {
  readonly name: string;
  readonly examples: readonly (readonly SnapshotFile[])[];
}

/** The default of a bundle. */
const MAX_SIZE_BYTES = 4 * 2 ** 20;

/**
 * Infers schemas from known-good configuration. Files are all examples of one kind and give one
 * schema. Directories, and the ConfigMaps and Secrets of manifests, give one schema for each path
 * in them whose format has keys; files with the same path are examples of one kind. With `keys`,
 * all directories give one schema of an object with a key per file. Never rejects.
 */
export async function inferFromPaths(options: InferOptions): Promise<InferredSchemas> {
  const { paths, secret } = options;
  const read = await Promise.all(paths.map((path) => readAt(path, secret)));
  const unreadable = read.flatMap(({ findings = [] }) => findings);
  const nothing = { schemas: [], leftOut: [] };
  if (unreadable.length > 0) return { ...nothing, findings: unreadable };
  const kinds = kindsOf(read, options);
  if (typeof kinds === 'string') return { ...nothing, findings: [findingOf('LG_USAGE', [kinds])] };
  const inferred = kinds.known.map((kind) => inferKind(kind, options));
  return {
    schemas: inferred.flatMap(({ schemas }) => schemas),
    findings: inferred.flatMap(({ findings }) => findings),
    leftOut: kinds.leftOut,
  };
}

/** Reads a directory as one consistent snapshot. Never rejects. */
async function readAt(path: string, secret: boolean): Promise<Read> {
  const unreadable = (code: ErrorCode, reason: string) => ({
    findings: [findingOf(code, [reason], { file: path })],
  });
  try {
    const stats = await stat(path);
    if (stats.isDirectory()) return await readDirectory(path, secret);
    if (!stats.isFile()) return unreadable('LG_INPUT_UNREADABLE', 'it is not a regular file');
    if (stats.size > MAX_SIZE_BYTES) return unreadable('LG_CAPTURE_TOO_LARGE', '4Mi');
    const file = fileOf(path, await readFile(path), secret);
    const found = manifestsInFile(file, path);
    if (!('configs' in found)) return { file: found.file };
    if (found.configs.length === 0) return { file };
    const volumes = found.configs.map(({ object, files }) => ({
      object: object.name,
      files: files.map((each) => each.file),
    }));
    return { volumes };
  } catch (thrown) {
    return unreadable('LG_INPUT_UNREADABLE', reasonOf(thrown));
  }
}

async function readDirectory(path: string, secret: boolean): Promise<Read> {
  // Links on the way are trusted, because a person named this path.
  const volume = { path: await realpath(path), at: '.', include: ['**'], exclude: [], secret };
  const options = { volumes: [volume], maxSizeBytes: MAX_SIZE_BYTES, clock: systemClock };
  const captured = await createCapture(options)();
  if (!captured.ok) return captured;
  const files = captured.snapshot.files.map((file) => {
    // Files in a volume are content, but one that may be a Secret must not be quoted (P8).
    const found = manifestsInFile(file, file.path);
    return 'configs' in found ? file : found.file;
  });
  return { volumes: [{ files }] };
}

/** Values of these formats have no keys to infer. */
const KEYLESS: readonly FormatName[] = ['text', 'binary', 'pem'];

interface Kinds {
  readonly known: readonly Kind[];
  readonly leftOut: readonly string[];
}

/** Or what is wrong with the mix of files and directories. */
function kindsOf(read: readonly Read[], { paths, keys, format }: InferOptions): Kinds | string {
  const files = read.flatMap(({ file }) => file ?? []);
  const volumes = read.flatMap((each) => each.volumes ?? []);
  const name = basename(paths[0] ?? '');
  if (keys) {
    if (files.length > 0) return '--keys takes directories: each file in one is a key';
    return { known: [{ name, examples: volumes.map((each) => each.files) }], leftOut: [] };
  }
  if (files.length > 0 && volumes.length > 0)
    return 'name either files, all of one kind, or directories';
  if (files.length > 0) return { known: [{ name, examples: [files] }], leftOut: [] };
  const all = volumes.flatMap(({ files: held, object }) =>
    // Two ConfigMaps may both have a `config.yaml`, for different things.
    held.map((file) => (object === undefined ? file : { ...file, path: `${object}/${file.path}` })),
  );
  const byPath = [...Map.groupBy(all, ({ path }) => path)];
  const isKeyless = (path: string) => KEYLESS.includes(formatFor(path, format).name);
  return {
    known: byPath.flatMap(([path, same]) =>
      isKeyless(path) ? [] : { name: path, examples: [same] },
    ),
    leftOut: byPath.map(([path]) => path).filter(isKeyless),
  };
}

function inferKind(
  { name, examples }: Kind,
  options: InferOptions,
): Omit<InferredSchemas, 'leftOut'> {
  const { keys, closed, format } = options;
  const read = keys
    ? examples.map((files) => ({ values: [exampleOfKeys(files)], findings: [] }))
    : examples.flat().map((file) => examplesIn(file, formatFor(file.path, format)));
  const findings = read.flatMap((each) => each.findings);
  if (findings.length > 0) return { schemas: [], findings };
  const values = read.flatMap((each) => each.values);
  const count = values.length === 1 ? 'one example' : `${values.length} examples`;
  const schema = {
    $schema: DRAFTS.draft2020,
    title: name,
    $comment: `made by lastgood schema infer from ${count}`,
    ...inferSchema(values, { closed, fixedKeys: keys }),
  };
  return { schemas: [{ name, text: `${JSON.stringify(schema, null, 2)}\n` }], findings: [] };
}

/** Every document of a file is an example. */
function examplesIn(file: SnapshotFile, format: Format) {
  const parsed = parseFile(file, format);
  if (!parsed.ok) return { values: [], findings: parsed.findings };
  const { text } = decode(file.bytes, format.name);
  const values = parsed.documents.map((each) => exampleOf(each, text));
  return { values, findings: [] };
}

function formatFor(path: string, format: InferOptions['format']): Format {
  return format === 'auto' ? formatOfPath(path) : FORMATS[format];
}

/** A number with a fraction or an exponent, as the formats write it. */
const FRACTION = /^[+-]?\d[\d_]*(?:\.\d|[eE][+-]?\d)/;

/** A number as in JSON, so that one with a leading zero, such as a code or a mode, stays text. */
const NUMBER = /^-?(?:0|[1-9]\d*)(\.\d+)?(?:[eE][+-]?\d+)?$/;

/** The value of a document, with a `WRITTEN_FRACTION` for each `1.0`. */
function exampleOf({ value, locate }: Document, text: string): unknown {
  const lines = text.split(/\r\n|\n|\r/);
  const textAt = ({ line, column }: Position) => lines[line - 1]?.slice(column - 1) ?? '';
  const markFractions = (inner: unknown, pointer: Pointer): unknown => {
    if (Array.isArray(inner))
      return inner.map((item, index) => markFractions(item, [...pointer, index]));
    if (isMapping(inner))
      return Object.fromEntries(
        Object.entries(inner).map(([key, each]) => [key, markFractions(each, [...pointer, key])]),
      );
    if (typeof inner !== 'number' || !FRACTION.test(textAt(locate(pointer, 'value')))) return inner;
    return WRITTEN_FRACTION;
  };
  return markFractions(value, []);
}

/**
 * The files of a file-per-key volume as one mapping of typed values: `32` is a number, `true` a
 * boolean. What is under the name of a credential is always text, even if it is all digits today
 * (P8).
 */
function exampleOfKeys(files: readonly SnapshotFile[]): Mapping {
  return Object.fromEntries(files.map(({ path, bytes }) => [path, valueOfKey(path, bytes)]));
}

function valueOfKey(path: string, bytes: Buffer): unknown {
  const decoded = decode(bytes, 'binary');
  if (!decoded.ok || CREDENTIAL.test(path)) return '';
  const text = decoded.text.replace(/\r?\n$/, '');
  if (text === 'true' || text === 'false') return text === 'true';
  if (!NUMBER.test(text)) return decoded.text;
  const value = Number(text);
  // An integer that a number would round, such as the number of an account, stays text.
  const isExact = Number.isInteger(value) ? Number.isSafeInteger(value) : Number.isFinite(value);
  if (!isExact) return decoded.text;
  return FRACTION.test(text) ? WRITTEN_FRACTION : value;
}
