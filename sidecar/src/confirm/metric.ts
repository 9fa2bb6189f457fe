import type { MetricProbeSettings } from '../settings/settings.ts';
import type { Probe } from './probe.ts';
import type { ProbeOptions } from './probes.ts';

export function createMetricProbe(_settings: MetricProbeSettings, _options: ProbeOptions): Probe {
  throw new Error('not built yet');
}
