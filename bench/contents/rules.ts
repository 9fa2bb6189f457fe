/** Five rules in CEL as people write them, of what a schema cannot say. */
export const CONFIG_RULES: readonly string[] = [
  'self.models.all(m, m.inference.batch_size <= self.server.limits.max_in_flight)',
  'self.models.all(m, m.checkpoint.contains(m.name))',
  'self.models.exists(m, m.task == "ranking")',
  'self.server.port != self.monitoring.metrics_port',
  'size(self.models) >= 1 && self.monitoring.trace_sample_rate <= 0.5',
];

/** The same for the registry. */
export const REGISTRY_RULES: readonly string[] = [
  'self.models.all(m, m.inference.batch_size <= m.batching.max_batch_size)',
  'self.models.all(m, m.scaling.min_replicas <= m.scaling.max_replicas)',
  'self.models.exists(m, m.model.task == "ranking")',
  'self.models.all(m, m.resources.gpus == 0 || m.resources.memory_mib >= 128)',
  'size(self.models) >= 1 && self.generation >= 0',
];
