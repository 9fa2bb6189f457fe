import { join } from 'node:path';
import type { Report } from '../progress.ts';
import { buildProgram } from './go-build.ts';
import { CACHE_DIR } from './programs.ts';

/** Prometheus, static, with the discovery of Kubernetes' pods, which Debian's has not. */
export const PROMETHEUS = join(CACHE_DIR, 'prometheus/prometheus');

/** Its operator, which writes the settings of a Prometheus from PodMonitors and PrometheusRules. */
export const PROMETHEUS_OPERATOR = join(CACHE_DIR, 'prometheus/operator');

/** Throws a `CannotRun` if Go cannot. */
export function buildPrometheus(report: Report): Promise<void> {
  const prometheus = {
    name: 'Prometheus',
    folder: 'prometheus',
    package: 'github.com/prometheus/prometheus/cmd/prometheus',
    path: PROMETHEUS,
  };
  return buildProgram(prometheus, report);
}

/** Throws a `CannotRun` if Go cannot. */
export function buildPrometheusOperator(report: Report): Promise<void> {
  const operator = {
    name: 'the Prometheus operator',
    folder: 'prometheus-operator',
    package: 'github.com/prometheus-operator/prometheus-operator/cmd/operator',
    path: PROMETHEUS_OPERATOR,
  };
  return buildProgram(operator, report);
}
