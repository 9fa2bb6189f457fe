import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildPackage } from '../../sdk/build/package.ts';
import { DOWNLOAD_WITHIN_MS } from '../deadline.ts';

/**
 * Builds and packs `@lastgood/sdk`, and installs it in an empty folder as a user does, with npm and without a
 * registry. Returns a directory with that folder, `app`, and `build` beside it.
 */
export async function installPackage(): Promise<string> {
  const dir = mkdtempSync(join(tmpdir(), 'lastgood-sdk-'));
  const [app, build] = [join(dir, 'app'), join(dir, 'build')];
  await buildPackage(build);
  mkdirSync(app);
  const [packed] = JSON.parse(npm(dir, 'pack', '--json', build));
  npm(app, 'install', '--offline', '--no-audit', '--no-fund', join(dir, packed.filename));
  return dir;
}

export function npm(cwd: string, ...args: readonly string[]): string {
  return execFileSync('npm', args, {
    cwd,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: DOWNLOAD_WITHIN_MS,
  });
}
