import type { Clock } from '@lastgood/core/model/clock.ts';
import type { HttpClient } from '../../io/http/request.ts';
import type { ConfirmSettings } from '../../settings/settings.ts';
import { createHttpProbe } from './http.ts';
import type { Probe } from './probe.ts';

export interface ProbeOptions {
  readonly client: HttpClient;
  readonly clock: Clock;
  /** The bundle holds secrets: what a command says might quote one (P8). */
  readonly sealed: boolean;
  /** For `{dir}` of a command. */
  readonly dir: string;
  /** A target restarts the app, so that another process than before is what it should be. */
  readonly restarts: boolean;
  /** Where a proof keeps what it is compared with; undefined: in memory only. */
  readonly notesPath: string | undefined;
}

/** All that a bundle asks for as a proof, as one: good when each is, and else as the first that is not. */
export async function createProbes(
  { http, metric, process, exec }: ConfirmSettings,
  options: ProbeOptions,
): Promise<Probe> {
  const probes: Probe[] = [];
  // A process that is gone says most clearly what is wrong.
  if (process !== undefined)
    probes.push((await import('./process.ts')).createProcessProbe(process, options));
  if (http !== undefined) probes.push(createHttpProbe(http, options));
  if (metric !== undefined)
    probes.push((await import('./metric.ts')).createMetricProbe(metric, options));
  if (exec !== undefined) probes.push((await import('./exec.ts')).createExecProbe(exec, options));
  const [only, ...others] = probes;
  return only !== undefined && others.length === 0 ? only : together(probes);
}

function together(probes: readonly Probe[]): Probe {
  return {
    look: async (options) => {
      for (const probe of probes) {
        const look = await probe.look(options);
        if (look.type !== 'good') return look;
      }
      return { type: 'good' };
    },
    before: async (rollout) => {
      await Promise.all(probes.map((probe) => probe.before?.(rollout)));
    },
  };
}

/** Whether a proof compares with what was before the app was told. */
export function compares({ metric, process }: ConfirmSettings): boolean {
  return typeof metric?.expect === 'string' || process?.newWorkers === true;
}
