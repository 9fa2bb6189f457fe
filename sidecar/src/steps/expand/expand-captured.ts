import { hash } from 'node:crypto';
import type { Captured } from '@lastgood/core/capture/capture.ts';
import { versionOf } from '@lastgood/core/capture/version.ts';
import { findingOf, warningOf } from '@lastgood/core/model/error.ts';
import type { Finding } from '@lastgood/core/model/finding.ts';
import type { Snapshot, SnapshotFile } from '@lastgood/core/model/snapshot.ts';
import type { ExpandSettings } from '../../settings/settings.ts';
import { type Env, expand, withOrdinal } from './expand.ts';

export interface ExpandingOptions {
  readonly expand: Pick<ExpandSettings, 'file' | 'ordinalFrom'>;
  readonly env: Env;
  readonly maxSizeBytes: number;
  /** The version is an HMAC under it: a value of the environment must not be guessed from it (P8). */
  readonly versionKey: Buffer;
  /** Told once of each variable that is not set. */
  readonly onTrouble: (finding: Finding) => void;
}

/**
 * Captures, and puts what the file is expanded to in its place: from here on checks, versions,
 * rollbacks and the app speak of the same bytes. A file that holds values of the environment counts
 * as secret, so no finding quotes it. Never rejects.
 */
export function captureExpanded(
  capture: () => Promise<Captured>,
  options: ExpandingOptions,
): () => Promise<Captured> {
  const told = new Set<string>();
  let last: { readonly from: Snapshot; readonly captured: Captured } | undefined;
  return async () => {
    const captured = await capture();
    if (!captured.ok) return captured;
    // A look at volumes that did not change gives the very same snapshot.
    if (last?.from === captured.snapshot) return last.captured;
    const expanded = await expandIn(captured.snapshot, options, told);
    last = { from: captured.snapshot, captured: expanded };
    return expanded;
  };
}

async function expandIn(
  snapshot: Snapshot,
  {
    expand: { file: path, ordinalFrom },
    env,
    maxSizeBytes,
    versionKey,
    onTrouble,
  }: ExpandingOptions,
  told: Set<string>,
): Promise<Captured> {
  const failed = (why: string): Captured => ({
    ok: false,
    findings: [findingOf('LG_CAPTURE_EXPAND', [why], { file: path })],
  });
  const file = snapshot.files.find((each) => each.path === path);
  if (file === undefined) return failed('it is not in the volumes');
  const others = snapshot.sizeBytes - file.bytes.length;
  const expansion = await expand(file.bytes, withOrdinal(env, ordinalFrom), {
    maxSizeBytes: maxSizeBytes - others,
  });
  if (!expansion.ok) return failed(WHY[expansion.why]);
  const news = expansion.unset.filter((name) => !told.has(name));
  for (const name of news) told.add(name);
  if (news.length > 0) onTrouble(warningOf('LG_CAPTURE_UNSET', [news.join(', ')], { file: path }));
  const { bytes, holdsValues } = expansion;
  const files = snapshot.files.map((each) =>
    each === file ? fileOf(file, bytes, holdsValues) : each,
  );
  const sizeBytes = others + bytes.length;
  const version = versionOf(files, versionKey);
  return { ok: true, snapshot: Object.freeze({ ...snapshot, version, files, sizeBytes }) };
}

const WHY = {
  gzip: 'its gzip is broken',
  'too-large': 'it is larger than maxSize allows',
} as const;

function fileOf(file: SnapshotFile, bytes: Buffer, holdsValues: boolean): SnapshotFile {
  const secret = file.secret || holdsValues;
  return Object.freeze({ ...file, bytes, sha256: hash('sha256', bytes, 'hex'), secret });
}
