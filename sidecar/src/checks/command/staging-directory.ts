import { chmod, mkdir, mkdtemp, readdir, realpath, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Snapshot, SnapshotFile } from '@lastgood/core/model/snapshot.ts';
import { makeDirectory } from '../../io/fs/make-directory.ts';
import { killOrphans } from '../../io/process/orphans.ts';

/** A private copy of a snapshot for one run of one command. */
export interface StagingDirectory {
  /** Contains the other two, and tags the processes of the command. */
  readonly root: string;
  /** Exactly the files of the snapshot: `{dir}` in the settings. */
  readonly dir: string;
  /** For temporary files of the command. */
  readonly scratch: string;
}

const PREFIX = 'lastgood-exec-';
const PRIVATE_MODE = 0o700;

/** Writes the copy into a new directory inside `stagingDir`. Rejects with the system's error. */
export async function createStagingDirectory(
  snapshot: Snapshot,
  stagingDir: string,
): Promise<StagingDirectory> {
  await makeDirectory(stagingDir, PRIVATE_MODE);
  // Programs print the real path of a file, so the output must be searched for that.
  const root = await realpath(await mkdtemp(join(stagingDir, PREFIX)));
  const stage = { root, dir: join(root, 'files'), scratch: join(root, 'scratch') };
  try {
    await mkdir(stage.dir, PRIVATE_MODE);
    await mkdir(stage.scratch, PRIVATE_MODE);
    for (const file of snapshot.files) await writeCopy(file, stage.dir);
    return stage;
  } catch (error) {
    await removeStagingDirectory(root);
    throw error;
  }
}

/** Never rejects: a copy that cannot be removed is left to the next sweep. */
export async function removeStagingDirectory(root: string): Promise<void> {
  await rm(root, { recursive: true, force: true, maxRetries: 3 }).catch(() => {});
}

/**
 * Ends the commands and removes the copies that a killed sidecar left in `stagingDir`. Must be called at
 * the start, before the first check: it removes every copy. Never rejects.
 */
export async function sweepStagingDirectories(stagingDir: string): Promise<void> {
  const dir = await realpath(stagingDir).catch(() => stagingDir);
  const names = await readdir(dir).catch(() => []);
  for (const name of names.filter((each) => each.startsWith(PREFIX))) {
    const root = join(dir, name);
    await killOrphans(root);
    await removeStagingDirectory(root);
  }
}

async function writeCopy({ path, mode, bytes }: SnapshotFile, dir: string): Promise<void> {
  // Capture never creates such a path, but a bug there must not make us write elsewhere.
  if (path.split('/').some((part) => ['', '.', '..'].includes(part)))
    throw new Error(`${JSON.stringify(path)} is not a path of a file`);
  const copy = join(dir, path);
  await mkdir(dirname(copy), { recursive: true, mode: PRIVATE_MODE });
  await writeFile(copy, bytes, { flag: 'wx', mode: 0o600 });
  // The umask may have removed bits, and the command must be able to read the file.
  await chmod(copy, mode | 0o400);
}
