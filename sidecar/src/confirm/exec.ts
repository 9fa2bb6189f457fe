import type { ExecSettings } from '../settings/settings.ts';
import type { Probe } from './probe.ts';
import type { ProbeOptions } from './probes.ts';

export function createExecProbe(_settings: ExecSettings, _options: ProbeOptions): Probe {
  throw new Error('not built yet');
}
