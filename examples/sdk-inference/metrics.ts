import type { Config, Resource } from '@lastgood/sdk';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';

/** Of the detector and of its configuration. */
export function createMetrics(config: Config<unknown>, models: Resource<unknown>) {
  const registry = new Registry();
  const registers = [registry];
  const clips = new Counter({
    name: 'speech_clips_total',
    help: 'Clips that were scored, by the model that did.',
    labelNames: ['model'],
    registers,
  });
  const batches = new Histogram({
    name: 'speech_batch_clips',
    help: 'Clips in a batch.',
    buckets: [1, 2, 4, 8, 16, 32, 64],
    registers,
  });
  new Gauge({
    name: 'speech_models',
    help: 'Models in memory, batches that use one, and old models that wait for their batches.',
    labelNames: ['state'],
    registers,
    collect() {
      const { open, inUse, draining } = models.stats();
      for (const [state, count] of Object.entries({ open, in_use: inUse, draining }))
        this.set({ state }, count);
    },
  });
  new Gauge({
    name: 'app_config_last_reload_successful',
    help: '1 if the app runs on the newest configuration.',
    registers,
    collect() {
      this.set(config.state.status === 'ok' ? 1 : 0);
    },
  });
  const onBatch = (model: string, count: number) => {
    clips.inc({ model }, count);
    batches.observe(count);
  };
  return { registry, onBatch };
}
