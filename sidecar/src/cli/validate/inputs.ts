import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { basename, isAbsolute, join } from 'node:path';
import { snapshotOf } from '@lastgood/core/capture/assemble.ts';
import { captureDirectory } from '@lastgood/core/capture/capture.ts';
import { decode } from '@lastgood/core/formats/decode.ts';
import { formatOfPath, hasGrammar } from '@lastgood/core/formats/formats.ts';
import { DATA_LINK } from '@lastgood/core/fs/kubelet-layout.ts';
import type { Clock } from '@lastgood/core/model/clock.ts';
import { findingOf, reasonOf } from '@lastgood/core/model/error.ts';
import type { SnapshotFile } from '@lastgood/core/model/snapshot.ts';
import { fileOf } from '../manifests/config-object.ts';
import { type Manifests, mayHoldSecret, readManifests } from '../manifests/manifests.ts';
import { type ReportedFinding, reportedAt, type SourceText } from '../report/report.ts';
import { type CheckTarget, subjectOfFiles, subjectOfObject } from './subject.ts';

/** One argument of the command line, read. */
export interface Input {
  readonly name: string;
  readonly subjects: readonly CheckTarget[];
  readonly manifests: readonly ManifestFile[];
  /** It is all that a volume holds, so a file that a check names can be missing. */
  readonly whole: boolean;
  /** Why it cannot be read, or not all of it. */
  readonly unreadable: readonly ReportedFinding[];
}

export interface ManifestFile extends Manifests {
  readonly source: SourceText;
}

export interface Reading {
  readonly clock: Clock;
  readonly standardInput: () => Promise<Buffer>;
  /** Nothing of what plain files hold may be shown. */
  readonly secret: boolean;
}

const STDIN = 'stdin';

/** Reads a file, a directory, or with `-` standard input. Changes nothing. */
export async function readInput(name: string, reading: Reading): Promise<Input> {
  let opened: Opened;
  try {
    opened = await open(name, reading);
  } catch (thrown) {
    const finding = findingOf('LG_INPUT_UNREADABLE', [reasonOf(thrown)]);
    return unreadable(name, [reportedAt(finding, { file: name })]);
  }
  if (opened === 'directory') return inputOfDirectory(name, reading);
  const { path, bytes } = opened;
  const shown = name === '-' ? STDIN : name;
  return inputOf(shown, [fileOf(path, bytes, reading.secret)], () => shown);
}

/** The bytes of a file, and the path that tells its format. */
type Opened = 'directory' | { readonly path: string; readonly bytes: Buffer };

async function open(name: string, { standardInput }: Reading): Promise<Opened> {
  if (name === '-') return stream(await standardInput());
  const stats = await stat(name);
  if (stats.isDirectory()) return 'directory';
  const bytes = await readFile(name);
  // `<(kustomize build .)` of a shell has no name that would tell a format.
  return stats.isFIFO() ? stream(bytes) : { path: basename(name), bytes };
}

function stream(bytes: Buffer): Opened {
  const extension = /^\s*[{[]/.test(bytes.toString('latin1', 0, 1024)) ? 'json' : 'yaml';
  return { path: `${STDIN}.${extension}`, bytes };
}

async function inputOfDirectory(name: string, { clock, secret }: Reading): Promise<Input> {
  const key = secret ? { versionKey: randomBytes(32) } : {};
  const captured = await captureDirectory(name, { clock, ...key });
  const shownPath = (path: string) => (isAbsolute(path) ? path : join(name, path));
  if (!captured.ok) {
    const findings = captured.findings.map((finding) =>
      reportedAt(finding, { ...finding.location, file: shownPath(finding.location?.file ?? '') }),
    );
    return unreadable(name, findings);
  }
  const { files } = captured.snapshot;
  // What the kubelet has mounted is content, even where it looks like a manifest.
  if (!existsSync(join(name, DATA_LINK)))
    return { ...inputOf(name, files, shownPath), whole: true };
  return {
    ...nothing(name),
    subjects: [subjectOfFiles(captured.snapshot, shownPath)],
    whole: true,
  };
}

/** Tells manifests from files that are content themselves. */
function inputOf(
  name: string,
  files: readonly SnapshotFile[],
  shownPath: (path: string) => string,
): Input {
  const plain: SnapshotFile[] = [];
  const manifests: ManifestFile[] = [];
  for (const file of files) {
    const read = manifestsIn(file, shownPath(file.path));
    if ('source' in read) manifests.push(read);
    else plain.push(read);
  }
  return {
    ...nothing(name),
    subjects: [
      ...(plain.length === 0 ? [] : [subjectOfFiles(snapshotOfFiles(plain), shownPath)]),
      ...manifests.flatMap(subjectsOf),
    ],
    manifests,
    whole: manifests.length > 0,
  };
}

function manifestsIn(file: SnapshotFile, shownPath: string): ManifestFile | SnapshotFile {
  const format = formatOfPath(file.path);
  const decoded = decode(file.bytes);
  if (!hasGrammar(format) || !decoded.ok) return file;
  const { text } = decoded;
  const manifests = readManifests(shownPath, text, format);
  if (manifests === undefined) return { ...file, secret: file.secret || mayHoldSecret(text) };
  return { ...manifests, source: { text, isSealed: manifests.isSealed } };
}

function subjectsOf({ configs, source }: ManifestFile): CheckTarget[] {
  return configs.map((config) => {
    const files = config.files.map(({ file }) => file);
    return subjectOfObject(config, snapshotOfFiles(files), source);
  });
}

function snapshotOfFiles(files: readonly SnapshotFile[]) {
  return snapshotOf(files, 0, undefined, undefined);
}

function nothing(name: string): Input {
  return { name, subjects: [], manifests: [], whole: false, unreadable: [] };
}

function unreadable(name: string, findings: readonly ReportedFinding[]): Input {
  return { ...nothing(name), unreadable: findings };
}
