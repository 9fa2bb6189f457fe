import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { bundleImage } from '../sidecar/build/image.ts';
import { launchOf } from './sidecar.ts';

const MAKE_CACHE = new URL('../sidecar/build/compile-cache.ts', import.meta.url).pathname;

/** Builds the files of the image into a directory, as the Dockerfile does. Returns the one that Node runs. */
export async function buildImageFiles(dir: string): Promise<string> {
  await bundleImage(dir);
  const file = join(dir, 'lastgood.js');
  const args = [...launchOf(file).flags, MAKE_CACHE, dir];
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`the compile cache could not be made: ${stderr}`);
  return file;
}
