/** What the tests of this folder share. */
import type { TestContext } from 'node:test';
import { DEADLINE_MS } from '../../../test/deadline.ts';
import { AtomicWriter, type AtomicWriterOptions } from '../../../test/kubelet/atomic-writer.ts';
import { temporaryDirectory } from '../../../test/kubelet/temporary-directory.ts';
import { systemClock } from '../model/clock.ts';
import { formatFinding } from '../model/finding.ts';
import type { Snapshot } from '../model/snapshot.ts';
import type { VolumeSettings } from '../model/volume-settings.ts';
import { type Captured, type CaptureOptions, createCapture } from './capture.ts';
import { createLimiter } from './limiter.ts';
import { createScratch, type ReadAttempt } from './read-attempt.ts';

/** A volume with every default of the settings. */
export function volumeAt(path: string, settings: Partial<VolumeSettings> = {}): VolumeSettings {
  return { path, at: '.', include: ['**'], exclude: [], secret: false, ...settings };
}

/** A capturer of these volumes with the real clock, which gives a loaded machine all the time it needs. */
export function capturerOf(
  volumes: readonly VolumeSettings[],
  options: Partial<CaptureOptions> = {},
): () => Promise<Captured> {
  const defaults = { maxSizeBytes: 4 * 2 ** 20, clock: systemClock, timeoutMs: DEADLINE_MS };
  return createCapture({ ...defaults, ...options, volumes });
}

/** A volume that the kubelet's stand-in writes; `write` takes texts by path. */
export function kubeletVolume(t: TestContext, options: AtomicWriterOptions = {}) {
  const path = temporaryDirectory(t);
  const writer = new AtomicWriter(path, options);
  const write = (texts: Record<string, string>) =>
    writer.write(Object.fromEntries(Object.entries(texts).map(([k, bytes]) => [k, { bytes }])));
  return { path, writer, write };
}

/** The snapshot; throws with the findings where there is none. */
export function snapshotIn(captured: Captured): Snapshot {
  if (captured.ok) return captured.snapshot;
  throw new Error(captured.findings.map(formatFinding).join('\n'));
}

/** The findings as people see them; throws where there is a snapshot. */
export function findingsIn(captured: Captured): string[] {
  if (!captured.ok) return captured.findings.map(formatFinding);
  throw new Error(`captured ${textsIn(captured.snapshot)} and found nothing wrong`);
}

/** The files' texts by path. */
export function textsIn(snapshot: Snapshot): Record<string, string> {
  return Object.fromEntries(snapshot.files.map(({ path, bytes }) => [path, bytes.toString()]));
}

/** An attempt that has read nothing yet. */
export function newAttempt(): ReadAttempt {
  return {
    volumes: [],
    maxSizeBytes: 2 ** 20,
    clock: systemClock,
    limiter: createLimiter(1),
    // Long after, so that nothing counts as changed only just now.
    beganAtMs: Date.now() + 60_000,
    previous: new Map(),
    scratch: createScratch(),
    findings: [],
    fileCount: 0,
    directoryCount: 0,
    entryCount: 0,
    sizeBytes: 0,
  };
}
