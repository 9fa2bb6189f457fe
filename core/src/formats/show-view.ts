import { posix } from 'node:path';
import { findingOf } from '../model/error.ts';
import { escapeInvisible } from '../model/escape.ts';
import type { Finding } from '../model/finding.ts';
import { type Issue, locateIssues } from '../model/issue.ts';
import type { ValuePath } from '../model/pointer.ts';
import type { VersionFile } from '../model/snapshot.ts';
import { findOddNumbers, locateInKeys, readKeys } from './file-per-key.ts';
import type { Document, FormatName } from './format.ts';
import { FORMATS, formatOfPath } from './formats.ts';
import { parseFile } from './parse-file.ts';

/** Which part of a bundle an app reads as one value. One of `file` and `keys`; neither: all files. */
export interface ViewSelection {
  /** Path of a file in the bundle: `config.yaml`. */
  readonly file?: string | undefined;
  /** Directory of a volume with a file for each key: `db` is `{ username, password }`. `.` is the top. */
  readonly keys?: string | undefined;
  /** Default: by the name of the file. */
  readonly format?: FormatName | undefined;
}

/** What a view shows of a version, before its schema. The SDK and the sidecar read it alike. */
export interface Shown {
  readonly ok: true;
  /** As the schema sees it. */
  readonly plain: unknown;
  /** The files that were parsed, and their values. */
  readonly parsed: readonly { readonly file: VersionFile; readonly value: unknown }[];
  /** The same value, with `seal` applied to what is from secret files. */
  sealWith(seal: (value: unknown) => unknown): unknown;
  /** Whether one of the files is secret. */
  readonly secret: boolean;
  locate(issue: Issue<ValuePath>): Finding;
  /** What is wrong with the output of the schema. */
  check(output: unknown): readonly Issue<ValuePath>[];
}

interface Refused {
  readonly ok: false;
  readonly findings: readonly Finding[];
}

/** Reads the files of a view: one of them, those of a directory as keys, or all. */
export function showView(files: readonly VersionFile[], view: ViewSelection): Shown | Refused {
  const own = filesOfView(files, view);
  const { file = view.keys, keys, format } = view;
  if (file !== undefined && own.length === 0) return missing(tidyPath(file), files);
  if (keys !== undefined) return showKeys(own, tidyPath(keys));
  const [only] = own;
  return view.file === undefined || only === undefined
    ? showAll(own, format)
    : showFile(only, format);
}

/** The files that a view shows. */
export function filesOfView<File extends VersionFile>(
  files: readonly File[],
  { file, keys }: ViewSelection,
): readonly File[] {
  const path = tidyPath(file ?? keys ?? '');
  if (file !== undefined) return files.filter((each) => each.path === path);
  if (keys !== undefined) return files.filter((each) => posix.dirname(each.path) === path);
  return files;
}

/** `./config.yaml` and `db/` as paths inside a snapshot. */
function tidyPath(path: string): string {
  return posix.normalize(path).replace(/(?<=.)\/$/, '');
}

function showFile(file: VersionFile, format: FormatName | undefined): Shown | Refused {
  const read = readFile(file, format);
  if (!read.ok) return read;
  return {
    ok: true,
    plain: read.value,
    parsed: [read],
    sealWith: (seal) => (file.secret ? seal(read.value) : read.value),
    secret: file.secret,
    locate: (issue) => locateInFile(read, issue),
    check: () => [],
  };
}

/** A text for each file that is directly in the directory, as it is: a line feed at its end stays. */
function showKeys(own: readonly VersionFile[], directory: string): Shown | Refused {
  const base = directory === '.' ? '' : `${directory}/`;
  const read = readKeys(own, base);
  if (!read.ok) return read;
  const { keys } = read;
  const entries = own.map(({ path, secret }) => {
    const key = path.slice(base.length);
    return { key, text: keys.texts[key], secret };
  });
  return {
    ok: true,
    plain: { ...keys.texts },
    parsed: [],
    sealWith: (seal) =>
      Object.fromEntries(entries.map(({ key, text, secret }) => [key, secret ? seal(text) : text])),
    secret: keys.secret,
    locate: (issue) => locateInKeys(keys, issue),
    check: (output) => findOddNumbers(keys, output),
  };
}

/** The value of each file by its path; bytes for one that is not text and has an unknown name. */
function showAll(files: readonly VersionFile[], format: FormatName | undefined): Shown | Refused {
  const reads = files.map((file) => {
    const read = readFile(file, format);
    const isBytes = !read.ok && format === undefined && formatOfPath(file.path).name === 'binary';
    return isBytes ? readFile(file, 'binary') : read;
  });
  const findings = reads.flatMap((read) => (read.ok ? [] : read.findings));
  if (findings.length > 0) return { ok: false, findings };
  const readable = reads.filter((read) => read.ok);
  const byPath = new Map(readable.map((read) => [read.file.path, read]));
  return {
    ok: true,
    plain: Object.fromEntries(readable.map(({ file, value }) => [file.path, value])),
    parsed: readable,
    sealWith: (seal) =>
      Object.fromEntries(
        readable.map(({ file, value }) => [file.path, file.secret ? seal(value) : value]),
      ),
    secret: files.some(({ secret }) => secret),
    locate: (issue) => {
      const [path, ...pointer] = issue.at.pointer;
      const read = byPath.get(String(path));
      if (read === undefined) return findingOf(issue.code, issue.args);
      return locateInFile(read, { ...issue, at: { ...issue.at, pointer } });
    },
    check: () => [],
  };
}

interface ReadFile {
  readonly ok: true;
  readonly file: VersionFile;
  /** A list, if the file has several documents. */
  readonly value: unknown;
  /** None of a file that is bytes. */
  readonly documents: readonly Document[];
}

function readFile(file: VersionFile, formatName: FormatName | undefined): ReadFile | Refused {
  // A copy: a `Buffer` of the snapshot would let the app change it.
  if (formatName === 'binary')
    return { ok: true, file, value: new Uint8Array(file.bytes), documents: [] };
  const format = formatName === undefined ? formatOfPath(file.path) : FORMATS[formatName];
  const parsed = parseFile(file, format);
  if (!parsed.ok) return parsed;
  const tags = parsed.findings.filter(({ code }) => code === 'LG_VALIDATE_TAG');
  if (tags.length > 0) return { ok: false, findings: tags.map(asTagError) };
  const { documents } = parsed;
  const values = documents.map(({ value }) => value);
  return { ok: true, file, value: values.length === 1 ? values[0] : values, documents };
}

/** For the sidecar a tag may mean something to the app. Here, the app gets what was parsed. */
function asTagError(finding: Finding): Finding {
  const hint = 'the SDK cannot know what the value becomes; write it without the tag';
  return { ...finding, severity: 'error', hint };
}

function locateInFile({ file, documents }: ReadFile, issue: Issue<ValuePath>): Finding {
  const isOne = documents.length === 1;
  const [finding] = locateIssues([issue], file, ({ pointer, part }) => {
    const document = documents[isOne ? 0 : Number(pointer[0] ?? 0)];
    return document?.locate(isOne ? pointer : pointer.slice(1), part);
  });
  return finding ?? findingOf(issue.code, issue.args, { file: file.path });
}

const MAX_NAMES = 5;

function missing(path: string, files: readonly VersionFile[]): Refused {
  const names = files.slice(0, MAX_NAMES).map((file) => escapeInvisible(file.path));
  const more = files.length > MAX_NAMES ? ', …' : '';
  const hint = `a view shows it; the bundle has ${names.join(', ')}${more}`;
  return {
    ok: false,
    findings: [{ ...findingOf('LG_VALIDATE_MISSING', [], { file: path }), hint }],
  };
}
