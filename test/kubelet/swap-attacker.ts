import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { TestContext } from 'node:test';

/** Replaces an entry by a link and puts it back, as fast as it can. */
const SWAP = `
  import { existsSync, renameSync, symlinkSync, unlinkSync } from 'node:fs';
  const [entry, target] = process.argv.slice(1);
  const quietly = (call) => { try { call(); } catch {} };
  process.stdin.on('end', () => process.exit(0)).resume();
  const loop = () => {
    for (let count = 0; count < 50; count++) {
      quietly(() => renameSync(entry, entry + '~'));
      quietly(() => symlinkSync(target, entry));
      quietly(() => unlinkSync(entry));
      quietly(() => renameSync(entry + '~', entry));
    }
    setImmediate(loop);
  };
  loop();
  process.stdout.write('started');`;

/**
 * Starts a process that swaps `entry` for a link to `target` and back, in a loop, until the returned
 * function has ended it. What it meets meanwhile may be either, or nothing.
 */
export async function startSwapping(
  t: TestContext,
  entry: string,
  target: string,
): Promise<() => Promise<void>> {
  const args = ['--input-type=module', '-e', SWAP, '--', entry, target];
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  t.after(() => child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  return async () => {
    const ended = once(child, 'exit');
    child.stdin.end();
    await ended;
  };
}
