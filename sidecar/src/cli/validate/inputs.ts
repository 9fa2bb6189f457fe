import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { basename, isAbsolute, join } from 'node:path';
import { snapshotOf } from '@lastgood/core/capture/assemble.ts';
import { captureDirectory } from '@lastgood/core/capture/capture.ts';
import { DATA_LINK } from '@lastgood/core/fs/kubelet-layout.ts';
import { findingOf, reasonOf } from '@lastgood/core/model/error.ts';
import type { SnapshotFile } from '@lastgood/core/model/snapshot.ts';
import type { CommandContext } from '../command.ts';
import { fileOf } from '../manifests/config-object.ts';
import { type Manifests, manifestsInFile } from '../manifests/manifests.ts';
import type { ReportedFinding } from '../report/report.ts';
import { type CheckTarget, targetOfFiles, targetOfObject } from './check-target.ts';

/** One argument of the command line, read. */
export interface Input {
  readonly name: string;
  readonly targets: readonly CheckTarget[];
  readonly manifests: readonly Manifests[];
  /** It is all that a volume has, so a file that a check names can be missing. */
  readonly whole: boolean;
  /** Why all or some of it cannot be read. */
  readonly unreadable: readonly ReportedFinding[];
}

export interface ReadOptions extends Pick<CommandContext, 'clock' | 'standardInput'> {
  /** Treats files as secret. */
  readonly secret: boolean;
}

const STDIN = 'stdin';

const EMPTY = { targets: [], manifests: [], whole: false, unreadable: [] };

/** Reads a file, a directory, or with `-` standard input. Changes nothing and never rejects. */
export async function readInput(name: string, options: ReadOptions): Promise<Input> {
  let opened: Opened;
  try {
    opened = await open(name, options);
  } catch (thrown) {
    const location = { file: name };
    const finding = findingOf('LG_INPUT_UNREADABLE', [reasonOf(thrown)], location);
    return { ...EMPTY, name, unreadable: [{ ...finding, location }] };
  }
  if (opened === 'directory') return inputOfDirectory(name, options);
  const { path, bytes } = opened;
  const shown = name === '-' ? STDIN : name;
  return inputOf(shown, [fileOf(path, bytes, options.secret)], () => shown);
}

/** The bytes of a file, and a path that shows its format. */
type Opened = 'directory' | { readonly path: string; readonly bytes: Buffer };

async function open(name: string, { standardInput }: ReadOptions): Promise<Opened> {
  const stats = name === '-' ? undefined : await stat(name);
  if (stats?.isDirectory()) return 'directory';
  const bytes = stats === undefined ? await standardInput() : await readFile(name);
  // The name of a shell's `<(kustomize build .)` shows no format.
  if (stats !== undefined && !stats.isFIFO()) return { path: basename(name), bytes };
  const extension = /^\s*[{[]/.test(bytes.toString('latin1', 0, 1024)) ? 'json' : 'yaml';
  return { path: `${STDIN}.${extension}`, bytes };
}

async function inputOfDirectory(name: string, { clock, secret }: ReadOptions): Promise<Input> {
  const key = secret ? { versionKey: randomBytes(32) } : {};
  const captured = await captureDirectory(name, { clock, ...key });
  const shownPath = (path: string) => (isAbsolute(path) ? path : join(name, path));
  if (!captured.ok) {
    const unreadable = captured.findings.map(({ location, ...finding }) => ({
      ...finding,
      location: { ...location, file: shownPath(location?.file ?? '') },
    }));
    return { ...EMPTY, name, unreadable };
  }
  const { snapshot } = captured;
  // In a volume of the kubelet, a file is content even if it looks like a manifest.
  const isVolume = existsSync(join(name, DATA_LINK));
  const input = isVolume
    ? { ...EMPTY, name, targets: [targetOfFiles(snapshot, shownPath)] }
    : inputOf(name, snapshot.files, shownPath);
  return { ...input, whole: true };
}

/** Separates manifests from files that are content themselves. */
function inputOf(
  name: string,
  files: readonly SnapshotFile[],
  shownPath: (path: string) => string,
): Input {
  const plain: SnapshotFile[] = [];
  const manifests: Manifests[] = [];
  for (const file of files) {
    const found = manifestsInFile(file, shownPath(file.path));
    if ('configs' in found) manifests.push(found);
    else plain.push(found);
  }
  const targets = manifests.flatMap(({ configs, source }) =>
    configs.flatMap((config) => (config.encrypted ? [] : targetOfObject(config, source))),
  );
  if (plain.length > 0) targets.unshift(targetOfFiles(snapshotOf(plain, 0), shownPath));
  return { ...EMPTY, name, targets, manifests, whole: manifests.length > 0 };
}
