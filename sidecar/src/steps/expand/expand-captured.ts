import { hash } from 'node:crypto';
import { versionOf } from '@lastgood/core/capture/assemble.ts';
import type { Captured } from '@lastgood/core/capture/capture.ts';
import { findingOf, warningOf } from '@lastgood/core/model/error.ts';
import type { Finding } from '@lastgood/core/model/finding.ts';
import type { Snapshot } from '@lastgood/core/model/snapshot.ts';
import type { ExpandSettings } from '../../settings/settings.ts';
import { type Env, expand, withOrdinal } from './expand.ts';

export interface ExpandingOptions {
  readonly expand: Pick<ExpandSettings, 'file' | 'ordinalFrom'>;
  readonly env: Env;
  readonly maxSizeBytes: number;
  /** The version is an HMAC under it: a value of the environment must not be guessed from it (P8). */
  readonly versionKey: Buffer;
  /** Called once for each variable that is not set. */
  readonly onProblem: (finding: Finding) => void;
}

/**
 * Captures, and replaces the file with its expansion, so that checks, versions, rollbacks and the app
 * all see the same bytes. A file that contains values of the environment counts as secret, so no
 * finding quotes it. Never rejects.
 */
export function captureExpanded(
  capture: () => Promise<Captured>,
  options: ExpandingOptions,
): () => Promise<Captured> {
  const reported = new Set<string>();
  let last: { readonly from: Snapshot; readonly captured: Captured } | undefined;
  return async () => {
    const captured = await capture();
    if (!captured.ok) return captured;
    // A capture of volumes that did not change returns the same object.
    if (last?.from === captured.snapshot) return last.captured;
    const expanded = await expandIn(captured.snapshot, options, reported);
    last = { from: captured.snapshot, captured: expanded };
    return expanded;
  };
}

async function expandIn(
  snapshot: Snapshot,
  options: ExpandingOptions,
  reported: Set<string>,
): Promise<Captured> {
  const { env, maxSizeBytes, versionKey, onProblem } = options;
  const { file: path, ordinalFrom } = options.expand;
  const failed = (why: string): Captured => ({
    ok: false,
    findings: [findingOf('LG_CAPTURE_EXPAND', [why], { file: path })],
  });
  const file = snapshot.files.find((each) => each.path === path);
  if (file === undefined) return failed('it is not in the volumes');
  const otherBytes = snapshot.sizeBytes - file.bytes.length;
  const limit = maxSizeBytes - otherBytes;
  const expansion = await expand(file.bytes, withOrdinal(env, ordinalFrom), limit);
  if (!expansion.ok) return failed(REASONS[expansion.why]);
  const { bytes, hasValues } = expansion;
  const unset = expansion.unset.filter((name) => !reported.has(name));
  for (const name of unset) reported.add(name);
  if (unset.length > 0)
    onProblem(warningOf('LG_CAPTURE_UNSET', [unset.join(', ')], { file: path }));
  const expanded = Object.freeze({
    ...file,
    bytes,
    sha256: hash('sha256', bytes, 'hex'),
    secret: file.secret || hasValues,
  });
  const files = snapshot.files.map((each) => (each === file ? expanded : each));
  const sizeBytes = otherBytes + bytes.length;
  const version = versionOf(files, versionKey);
  return { ok: true, snapshot: Object.freeze({ ...snapshot, version, files, sizeBytes }) };
}

const REASONS = {
  gzip: 'it is not valid gzip',
  'too-large': 'it is larger than maxSize allows',
} as const;
