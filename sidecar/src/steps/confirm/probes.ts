import type { Finding } from '@lastgood/core/model/finding.ts';
import type { ConfirmSettings } from '../../settings/settings.ts';
import { createHttpProbe } from './http.ts';
import type { Probe, ProbeOptions } from './probe.ts';

/** Joins the probes of a bundle: good if all are, and otherwise the first that is not. */
export async function createProbes(
  { http, metric, process, exec, tls = [] }: ConfirmSettings,
  options: ProbeOptions,
): Promise<Probe> {
  const probes: Probe[] = [];
  // First, because a process that is gone explains the failures of the others.
  if (process !== undefined)
    probes.push((await import('./process.ts')).createProcessProbe(process, options));
  if (http !== undefined) probes.push(createHttpProbe(http, options));
  if (metric !== undefined)
    probes.push((await import('./metric.ts')).createMetricProbe(metric, options));
  for (const each of tls) probes.push((await import('./tls.ts')).createTlsProbe(each, options));
  if (exec !== undefined) probes.push((await import('./exec.ts')).createExecProbe(exec, options));
  return {
    observe: async (observing) => {
      const findings: Finding[] = [];
      for (const probe of probes) {
        const observation = await probe.observe(observing);
        if (observation.type !== 'good') return observation;
        findings.push(...(observation.findings ?? []));
      }
      return { type: 'good', findings };
    },
    recordBaseline: async (rollout) => {
      await Promise.all(probes.map((probe) => probe.recordBaseline?.(rollout)));
    },
  };
}

/** Whether a probe compares with a baseline. */
export function needsBaseline({ metric, process }: ConfirmSettings): boolean {
  return typeof metric?.expect === 'string' || (process?.newWorkers ?? false) !== false;
}
