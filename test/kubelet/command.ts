import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { reasonOf } from '@lastgood/core/model/error.ts';
import { watch } from 'chokidar';
import type { Flags } from './flags.ts';
import { createKubelet, formatReport, type Kubelet, type VolumeReport } from './kubelet.ts';
import { type Manifest, ManifestError, parseManifest } from './manifest.ts';

/** Where the command says what it does: one line a volume, one line a finding. */
export interface Output {
  say(line: string): void;
  complain(line: string): void;
}

// An editor may empty a file before it writes it; half a file would only give a puzzling finding.
const WRITE_FINISH = { stabilityThreshold: 50, pollInterval: 10 };

/** Projects once; false when the manifest is broken or a volume was refused. */
export async function projectOnce(flags: Flags, output: Output): Promise<boolean> {
  return projectManifest(createKubelet(flags), flags, output);
}

/**
 * Projects now and whenever the manifest's file changes, until the signal is aborted; then resolves
 * when the update in hand is done. A broken manifest is reported and waited out.
 */
export async function projectOnChange(
  flags: Flags,
  output: Output,
  signal: AbortSignal,
): Promise<void> {
  const kubelet = createKubelet(flags);
  let changed = Promise.withResolvers<void>();
  signal.addEventListener('abort', () => changed.resolve());
  const watcher = await watchFile(resolve(flags.manifest), output, () => changed.resolve());
  const rotation = rotateTokens(kubelet, flags, output);
  output.say(`watching ${flags.manifest}, volumes in ${flags.root}`);
  while (!signal.aborted) {
    // Before the file is read, so that an edit from here on is not taken for one already seen.
    changed = Promise.withResolvers<void>();
    await projectManifest(kubelet, flags, output);
    await changed.promise;
    await sleep(flags.delayMs, undefined, { signal }).catch(() => undefined);
  }
  clearInterval(rotation);
  await watcher.close();
}

/** Watches the directory: an editor's write and rename would leave a watch on the old file. */
async function watchFile(file: string, output: Output, onChange: () => void) {
  const watcher = watch(dirname(file), {
    depth: 0,
    ignoreInitial: true,
    awaitWriteFinish: WRITE_FINISH,
  });
  watcher.on('all', (_, path) => {
    if (resolve(path) === file) onChange();
  });
  watcher.on('error', (error) => output.complain(`watching ${file}: ${reasonOf(error)}`));
  await once(watcher, 'ready');
  return watcher;
}

function rotateTokens(kubelet: Kubelet, { tokenRotationMs }: Flags, output: Output) {
  if (tokenRotationMs === undefined) return undefined;
  return setInterval(async () => report(await kubelet.rotateTokens(), output), tokenRotationMs);
}

async function projectManifest(kubelet: Kubelet, { manifest }: Flags, output: Output) {
  const read = readManifest(manifest);
  if (read instanceof Error) {
    output.complain(read.message);
    return false;
  }
  return report(await kubelet.apply(read), output);
}

function readManifest(file: string): Manifest | Error {
  try {
    return parseManifest(readFileSync(file, 'utf8'), file);
  } catch (error) {
    if (error instanceof ManifestError) return error;
    return new Error(`${file}: cannot be read: ${reasonOf(error)}`);
  }
}

/** One line a volume; false when one was refused. */
function report(reports: readonly VolumeReport[], output: Output): boolean {
  for (const each of reports) {
    if (each.outcome === 'refused') output.complain(formatReport(each));
    else output.say(formatReport(each));
  }
  return reports.every(({ outcome }) => outcome !== 'refused');
}
