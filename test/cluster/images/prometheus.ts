import { chmodSync, cpSync } from 'node:fs';
import { join } from 'node:path';
import { PROMETHEUS } from '../programs/prometheus.ts';

/** Prometheus without anything else. */
export const PROMETHEUS_IMAGE = 'localhost/prometheus:1';

export const PROMETHEUS_FILE = `FROM scratch
COPY prometheus /bin/prometheus
USER 65534:65534
ENTRYPOINT ["/bin/prometheus"]
`;

export function layOutPrometheus(dir: string): void {
  const program = join(dir, 'prometheus');
  cpSync(PROMETHEUS, program);
  chmodSync(program, 0o755);
}
