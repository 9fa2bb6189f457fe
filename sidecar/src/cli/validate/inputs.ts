import { dirname, isAbsolute, join } from 'node:path';
import { snapshotOf } from '@lastgood/core/capture/assemble.ts';
import { findingOf, reasonOf } from '@lastgood/core/model/error.ts';
import type { SnapshotFile } from '@lastgood/core/model/snapshot.ts';
import type { CommandContext } from '../command.ts';
import { type Opened, openInput, STDIN } from '../inputs/open-input.ts';
import { isKubeletVolume, readDirectory } from '../inputs/read-directory.ts';
import { fileOf } from '../manifests/config-object.ts';
import { type Manifests, manifestsInFile, type OtherFile } from '../manifests/manifests.ts';
import type { ManifestObject } from '../manifests/objects.ts';
import type { ReportedFinding } from '../report/report.ts';
import { type CheckTarget, targetOfFiles, targetOfObject } from './check-target.ts';

/** One argument of the command line, read. */
export interface Input {
  readonly name: string;
  readonly targets: readonly CheckTarget[];
  readonly manifests: readonly Manifests[];
  /** All Kubernetes objects, also those of tools, such as a Kustomization. */
  readonly objects: readonly ManifestObject[];
  /** It is all that a volume has, so a file that a check names can be missing. */
  readonly whole: boolean;
  /** Why all or some of it is not read. Warnings are about what was left out. */
  readonly unreadable: readonly ReportedFinding[];
}

export interface ReadOptions extends Pick<CommandContext, 'clock' | 'standardInput'> {
  /** Treats files as secret. */
  readonly secret: boolean;
}

const EMPTY = { targets: [], manifests: [], objects: [], whole: false, unreadable: [] };

/**
 * Reads files, directories, and with `-` standard input. Plain files of one directory are one input,
 * as a certificate and its key are in a volume. Changes nothing and never rejects.
 */
export async function readInputs(
  names: readonly string[],
  options: ReadOptions,
): Promise<readonly Input[]> {
  const read = new Map<string, Input | PlainFile[]>();
  for (const name of new Set(names)) {
    const each = await readInput(name, options);
    if ('targets' in each) read.set(name, each);
    else addSibling(read, each);
  }
  return [...read.values()].flatMap((each) => (Array.isArray(each) ? siblingInput(each) : each));
}

function addSibling(read: Map<string, Input | PlainFile[]>, file: PlainFile) {
  // The name of no input ends like this.
  const siblings = read.getOrInsertComputed(`${dirname(file.name)}/.`, () => []);
  if (Array.isArray(siblings)) siblings.push(file);
}

/** A file that is no manifest. */
interface PlainFile extends OtherFile {
  /** As on the command line. */
  readonly name: string;
}

async function readInput(name: string, options: ReadOptions): Promise<Input | PlainFile> {
  let opened: Opened;
  try {
    opened = await openInput(name, options);
  } catch (thrown) {
    const location = { file: name };
    const finding = findingOf('LG_INPUT_UNREADABLE', [reasonOf(thrown)], location);
    return { ...EMPTY, name, unreadable: [{ ...finding, location }] };
  }
  if (opened === 'directory') return inputOfDirectory(name, options);
  const shown = name === '-' ? STDIN : name;
  const file = fileOf(opened.path, opened.bytes, options.secret);
  const found = manifestsInFile(file, shown);
  if ('configs' in found) return inputOf(shown, [file], () => shown);
  return { name: shown, ...found };
}

/** Files of one directory that are no manifests; nothing if there are none. */
function siblingInput(files: readonly PlainFile[]): readonly Input[] {
  const [first] = files;
  if (first === undefined) return [];
  const names = new Map(files.map(({ name, file }) => [file.path, name]));
  const nameOf = (path: string) => names.get(path) ?? path;
  const snapshot = snapshotOf(
    files.map(({ file }) => file),
    0,
  );
  const name = files.length === 1 ? first.name : dirname(first.name);
  const objects = files.flatMap((each) => each.objects);
  return [{ ...EMPTY, name, objects, targets: [targetOfFiles(snapshot, nameOf)] }];
}

async function inputOfDirectory(name: string, options: ReadOptions): Promise<Input> {
  const { snapshot, findings } = await readDirectory(name, options);
  const shownPath = (path: string) => (isAbsolute(path) ? path : join(name, path));
  const unreadable = findings.map(({ location, ...finding }) => ({
    ...finding,
    location: { ...location, file: shownPath(location?.file ?? '') },
  }));
  if (snapshot === undefined) return { ...EMPTY, name, unreadable };
  // In a volume of the kubelet, a file is content even if it looks like a manifest.
  const input = isKubeletVolume(name)
    ? { ...EMPTY, name, targets: [targetOfFiles(snapshot, shownPath)] }
    : inputOf(name, snapshot.files, shownPath);
  return { ...input, whole: true, unreadable };
}

/** Separates manifests from files that are content themselves. */
function inputOf(
  name: string,
  files: readonly SnapshotFile[],
  shownPath: (path: string) => string,
): Input {
  const plain: SnapshotFile[] = [];
  const manifests: Manifests[] = [];
  const objects: ManifestObject[] = [];
  for (const file of files) {
    const found = manifestsInFile(file, shownPath(file.path));
    objects.push(...found.objects);
    if ('configs' in found) manifests.push(found);
    else plain.push(found.file);
  }
  const targets = manifests.flatMap(({ configs, source }) =>
    configs.flatMap((config) => (config.encrypted ? [] : targetOfObject(config, source))),
  );
  if (plain.length > 0) targets.unshift(targetOfFiles(snapshotOf(plain, 0), shownPath));
  return { ...EMPTY, name, targets, manifests, objects, whole: manifests.length > 0 };
}
