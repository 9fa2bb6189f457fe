import { join } from 'node:path';
import type { Program } from './go-build.ts';
import { CACHE_DIR } from './programs.ts';

/** Prometheus, static, with the discovery of Kubernetes' pods, which Debian's has not. */
export const PROMETHEUS: Program = {
  name: 'Prometheus',
  folder: 'prometheus',
  package: 'github.com/prometheus/prometheus/cmd/prometheus',
  path: join(CACHE_DIR, 'prometheus/prometheus'),
};

/** Its operator, which writes the settings of a Prometheus from PodMonitors and PrometheusRules. */
export const PROMETHEUS_OPERATOR: Program = {
  name: 'the Prometheus operator',
  folder: 'prometheus-operator',
  package: 'github.com/prometheus-operator/prometheus-operator/cmd/operator',
  path: join(CACHE_DIR, 'prometheus/operator'),
};
