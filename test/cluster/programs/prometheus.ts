import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { CannotRun } from '../cannot-run.ts';
import { CACHE_DIR } from './programs.ts';

/** Prometheus, static, with the discovery of Kubernetes' pods, which Debian's has not. */
export const PROMETHEUS = join(CACHE_DIR, 'prometheus/prometheus');

/** Of the many kinds of discovery, the one that the tests use: the others double the time of the build. */
const TAGS = 'remove_all_sd,enable_kubernetes_sd';

/**
 * Builds the version that `prometheus/go.mod` pins, with Go: minutes the first time. Throws a
 * {@link CannotRun} if Go cannot.
 */
export function buildPrometheus(report: (line: string) => void): void {
  if (existsSync(PROMETHEUS)) return;
  report('building Prometheus with Go once, some minutes unless Go has it cached');
  const flags = ['-o', PROMETHEUS, '-tags', TAGS, '-ldflags', '-s -w'];
  const build = ['go', 'build', ...flags, 'github.com/prometheus/prometheus/cmd/prometheus'];
  const { status, error, stderr } = spawnSync('nice', ['-n', '10', ...build], {
    cwd: join(import.meta.dirname, 'prometheus'),
    env: { ...process.env, CGO_ENABLED: '0' },
    encoding: 'utf8',
  });
  if (status === 0) return;
  const reason = error?.message ?? stderr.trim().split('\n').at(-1);
  throw new CannotRun(`cannot build Prometheus: ${reason}`);
}
