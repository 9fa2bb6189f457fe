import { chmod, mkdir, mkdtemp, readdir, realpath, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Snapshot, SnapshotFile } from '@lastgood/core/model/snapshot.ts';
import { killOrphans } from '../../io/process/orphans.ts';

/** A copy of a snapshot for one run of one command; nobody else may read it. */
export interface StagingDirectory {
  /** Holds the other two, and is the mark by which the command's processes are known. */
  readonly root: string;
  /** Exactly the files of the snapshot; what `{dir}` stands for. */
  readonly dir: string;
  /** For what the command writes on its way. */
  readonly scratch: string;
}

const PREFIX = 'lastgood-exec-';
const PRIVATE_MODE = 0o700;

/** Writes the copy into a new directory inside `stagingDir`. Rejects with the system's error. */
export async function createStagingDirectory(
  snapshot: Snapshot,
  stagingDir: string,
): Promise<StagingDirectory> {
  await mkdir(stagingDir, { recursive: true, mode: PRIVATE_MODE });
  // Programs tell the real path of a file; only then can it be found in what they say.
  const root = await realpath(await mkdtemp(join(stagingDir, PREFIX)));
  const stage = { root, dir: join(root, 'files'), scratch: join(root, 'scratch') };
  try {
    await mkdir(stage.dir, PRIVATE_MODE);
    await mkdir(stage.scratch, PRIVATE_MODE);
    for (const file of snapshot.files) await writeCopy(file, stage.dir);
    return stage;
  } catch (error) {
    await removeStagingDirectory(stage);
    throw error;
  }
}

/** Never rejects: what cannot be removed says nothing about the files. The next sweep tries again. */
export async function removeStagingDirectory({
  root,
}: Pick<StagingDirectory, 'root'>): Promise<void> {
  await rm(root, { recursive: true, force: true, maxRetries: 3 }).catch(() => {});
}

/**
 * Ends the commands, and removes the copies, that a killed sidecar left in `stagingDir`. To be called
 * at the start, before the first check: it takes every copy for a leftover. Never rejects.
 */
export async function sweepStagingDirectories(stagingDir: string): Promise<void> {
  const dir = await realpath(stagingDir).catch(() => stagingDir);
  const names = await readdir(dir).catch(() => []);
  for (const name of names.filter((each) => each.startsWith(PREFIX))) {
    const root = join(dir, name);
    await killOrphans(root);
    await removeStagingDirectory({ root });
  }
}

async function writeCopy({ path, mode, bytes }: SnapshotFile, dir: string): Promise<void> {
  // Capture never makes such a path, and nothing that it ever did wrong may make us write elsewhere.
  if (path.split('/').some((part) => ['', '.', '..'].includes(part)))
    throw new Error(`${JSON.stringify(path)} is no path for a file`);
  const copy = join(dir, path);
  await mkdir(dirname(copy), { recursive: true, mode: PRIVATE_MODE });
  await writeFile(copy, bytes, { flag: 'wx', mode: 0o600 });
  // The umask may have taken bits away, and the command must be able to read it.
  await chmod(copy, mode | 0o400);
}
