/** Real mounts for the tests of this folder. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { DEADLINE_MS } from '../../../test/deadline.ts';

const PROBE = ['-m', 'mount', '-t', 'tmpfs', 'none', tmpdir()];

const CAN_MOUNT = spawnSync('unshare', PROBE, { stdio: 'ignore' }).status === 0;

/** For the option of a test. In CI a skip would hide that nothing was tested. */
export const skip = CAN_MOUNT || process.env.CI ? false : 'needs root to mount a file system';

export interface Mounts {
  /** An empty directory, which is removed after the test with the mounts in it. */
  readonly dir: string;
  mount(...args: string[]): void;
  /** Waits while something still reads a directory there. */
  unmount(path: string): Promise<void>;
}

export function mountsOf(t: TestContext): Mounts {
  const dir = mkdtempSync(join(tmpdir(), 'lastgood-mounts-'));
  const mounted: string[] = [];
  t.after(() => {
    for (const path of mounted.toReversed()) spawnSync('umount', ['-l', path], { stdio: 'ignore' });
    rmSync(dir, { recursive: true, force: true });
  });
  return {
    dir,
    mount: (...args) => {
      run('mount', args);
      mounted.push(args.at(-1) ?? '');
    },
    unmount: async (path) => {
      const deadline = AbortSignal.timeout(DEADLINE_MS);
      while (!tryToUnmount(path)) await pause(1, undefined, { signal: deadline });
      mounted.splice(mounted.lastIndexOf(path), 1);
    },
  };
}

function run(command: string, args: readonly string[]): void {
  const { status, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${stderr}`);
}

function tryToUnmount(path: string): boolean {
  const { status, stderr } = spawnSync('umount', [path], { encoding: 'utf8' });
  if (status !== 0 && !stderr.includes('busy')) throw new Error(`umount ${path}: ${stderr}`);
  return status === 0;
}
