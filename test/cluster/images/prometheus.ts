import { chmodSync, cpSync } from 'node:fs';
import { join } from 'node:path';
import { PROMETHEUS } from '../programs/prometheus.ts';

/** In place of that of the quick start: Prometheus without anything else. */
export const PROMETHEUS_IMAGE = 'docker.io/prom/prometheus:v3.16.0';

export const PROMETHEUS_FILE = `FROM scratch
COPY prometheus /bin/prometheus
USER 65534:65534
ENTRYPOINT ["/bin/prometheus"]
`;

export function layOutPrometheus(dir: string): void {
  const program = join(dir, 'prometheus');
  cpSync(PROMETHEUS.path, program);
  chmodSync(program, 0o755);
}
