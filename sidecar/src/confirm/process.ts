import type { ProcessSettings } from '../settings/settings.ts';
import type { Probe } from './probe.ts';
import type { ProbeOptions } from './probes.ts';

export function createProcessProbe(_settings: ProcessSettings, _options: ProbeOptions): Probe {
  throw new Error('not built yet');
}
