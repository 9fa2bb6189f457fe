import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { CannotRun } from '../cannot-run.ts';
import type { Report } from '../progress.ts';
import { goBuild } from './go-build.ts';
import { CACHE_DIR } from './programs.ts';

/** Prometheus, static, with the discovery of Kubernetes' pods, which Debian's has not. */
export const PROMETHEUS = join(CACHE_DIR, 'prometheus/prometheus');

/** Of the many kinds of discovery, the one that the tests use: the others double the time of the build. */
const TAGS = 'remove_all_sd,enable_kubernetes_sd';

/**
 * Builds the version that `prometheus/go.mod` pins, with Go: minutes the first time. Throws a
 * {@link CannotRun} if Go cannot.
 */
export async function buildPrometheus(report: Report): Promise<void> {
  if (existsSync(PROMETHEUS)) return;
  report('building Prometheus with Go once, some minutes unless Go has it cached');
  const flags = ['-o', PROMETHEUS, '-tags', TAGS, '-ldflags', '-s -w'];
  try {
    const program = 'github.com/prometheus/prometheus/cmd/prometheus';
    await goBuild(join(import.meta.dirname, 'prometheus'), [...flags, program]);
  } catch (error) {
    throw new CannotRun(`cannot build Prometheus: ${(error as Error).message}`);
  }
}
