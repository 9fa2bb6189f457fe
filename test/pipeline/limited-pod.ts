import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { ContainerLimits } from '../../bench/container-limits.ts';
import { buildImageFiles } from '../../bench/image-files.ts';
import { launchOf } from '../../bench/sidecar.ts';
import type { Pod } from './pod.ts';

/** The smallest that the docs recommend. */
const LIMIT_MIB = 64;

/**
 * Starts the files of the image with the flags, the heap and the memory limit of the image: the source
 * does not fit, since Node.js compiles it first. False where this machine lets no limit be set.
 */
export async function startLimited(
  context: TestContext,
  pod: Pod,
  limitMib = LIMIT_MIB,
): Promise<boolean> {
  const built = await buildImageFiles(join(pod.dir, 'image'));
  const { env, flags } = launchOf(built);
  const plain = { command: process.execPath, args: [...flags, built] };
  // Where this machine lets a memory limit be set, the kernel ends what goes beyond it.
  const limit = ContainerLimits.create(limitMib);
  const { command, args } = limit?.applied(plain) ?? plain;
  context.after(async () => {
    await pod.kill();
    limit?.remove();
  });
  pod.start({ program: [command, ...args], env: { ...process.env, ...env } });
  return limit !== undefined;
}
