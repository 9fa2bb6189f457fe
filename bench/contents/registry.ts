import { address, type Field, flag, name, names, oneOf, share, whole } from './fields.ts';

/** What each model of a large registry says: people who run hundreds of models have such a file. */
const SECTIONS: Readonly<Record<string, Readonly<Record<string, Field>>>> = {
  model: {
    family: oneOf('bert', 'roberta', 'distilbert', 'deberta'),
    task: oneOf('text-classification', 'ranking', 'embedding'),
    checkpoint: address('s3://models/reviews'),
    revision: whole(1, 900),
    num_labels: whole(2, 1_000),
    labels: names('negative', 'neutral', 'positive'),
    owner: name('team'),
  },
  preprocessing: {
    tokenizer: oneOf('wordpiece-uncased', 'wordpiece-cased', 'whitespace'),
    max_length: whole(1, 4_096),
    stride: whole(0, 512),
    truncation: flag(),
    lowercase: flag(),
    stop_words: names('a', 'an', 'the', 'of'),
  },
  inference: {
    device: oneOf('cpu', 'cuda', 'mps'),
    precision: oneOf('fp32', 'fp16', 'bf16', 'int8'),
    batch_size: whole(1, 64),
    num_workers: whole(1, 32),
    timeout_ms: whole(10, 60_000),
    warmup_requests: whole(0, 100),
    threshold: share(),
  },
  batching: {
    enabled: flag(),
    max_batch_size: whole(64, 128),
    max_wait_ms: whole(0, 1_000),
    queue_size: whole(1, 10_000),
    on_overflow: oneOf('reject', 'block', 'drop-oldest'),
  },
  caching: {
    enabled: flag(),
    ttl_seconds: whole(0, 86_400),
    max_entries: whole(1, 1_000_000),
    backend: oneOf('memory', 'redis', 'none'),
    prefix: name('cache'),
  },
  scaling: {
    min_replicas: whole(0, 10),
    max_replicas: whole(10, 100),
    target_utilisation: share(),
    scale_down_seconds: whole(0, 3_600),
    zone_spread: flag(),
    node_pool: name('pool'),
  },
  resources: {
    cpu_millis: whole(100, 64_000),
    memory_mib: whole(128, 262_144),
    gpus: whole(0, 8),
    gpu_share: share(),
    ephemeral_mib: whole(0, 100_000),
    priority: oneOf('low', 'normal', 'high'),
  },
  monitoring: {
    log_level: oneOf('debug', 'info', 'warn', 'error'),
    trace_rate: share(),
    metrics_port: whole(1_024, 65_535),
    slow_ms: whole(1, 10_000),
    drift_threshold: share(),
    alert_channel: name('alerts'),
    tags: names('reviews', 'production', 'nlp'),
  },
  rollout: {
    strategy: oneOf('canary', 'blue-green', 'recreate'),
    canary_share: share(),
    bake_seconds: whole(0, 86_400),
    max_error_rate: share(),
    fallback: name('review-model'),
  },
  access: {
    tenants: names('shop', 'search', 'support'),
    max_rps: whole(1, 10_000),
    public: flag(),
    auth: oneOf('none', 'token', 'mtls'),
  },
};

export const REGISTRY_FILE = 'registry.yaml';

const MODEL_NAME = name('review-model');
const SECTION_NAMES = Object.keys(SECTIONS);

/** The JSON Schema of the registry: 200 rules, of the kinds that people write. */
export const REGISTRY_SCHEMA = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  ...closed({
    generation: { type: 'integer', minimum: 0 },
    models: { type: 'array', minItems: 1, maxItems: 5_000, items: { $ref: '#/$defs/model' } },
  }),
  $defs: {
    model: closed({
      name: MODEL_NAME.schema,
      ...Object.fromEntries(SECTION_NAMES.map((section) => [section, sectionSchema(section)])),
    }),
  },
};

/** What says nothing about a value by itself. */
const NO_RULES = ['$schema', '$defs', '$ref', 'properties', 'items'];

/** How many rules a schema holds: each keyword that a value can break. */
export function rulesIn(schema: unknown): number {
  if (typeof schema !== 'object' || schema === null) return 0;
  return Object.entries(schema).reduce((sum, [keyword, inner]) => {
    if (keyword === 'properties' || keyword === '$defs')
      return Object.values(inner as object).reduce((all, each) => all + rulesIn(each), sum);
    return sum + (NO_RULES.includes(keyword) ? rulesIn(inner) : 1);
  }, 0);
}

/** A registry of about this size, another one for each generation. */
export function registryOf(sizeBytes: number, generation: number): string {
  const parts = [`# Every model that we serve.\ngeneration: ${generation}\n\nmodels:\n`];
  let left = sizeBytes - (parts[0]?.length ?? 0);
  for (let model = 0; ; model += 1) {
    const text = modelOf(model, generation);
    if (text.length > left) return parts.join('');
    parts.push(text);
    left -= text.length;
  }
}

function modelOf(model: number, generation: number): string {
  const sections = SECTION_NAMES.map((section) => {
    const fields = Object.entries(SECTIONS[section] ?? {}).map(
      ([key, field]) => `      ${key}: ${field.of(model + generation)}\n`,
    );
    return `    ${section}:\n${fields.join('')}`;
  });
  const comment = "  # Trained on last week's reviews; ask before raising the batch size.\n";
  return `${comment}  - name: ${MODEL_NAME.of(model)}\n${sections.join('')}`;
}

function sectionSchema(section: string): object {
  const fields = Object.entries(SECTIONS[section] ?? {});
  return closed(Object.fromEntries(fields.map(([key, { schema }]) => [key, schema])));
}

/** All of these keys, and no others. */
function closed(properties: Readonly<Record<string, unknown>>): object {
  const required = Object.keys(properties);
  return { type: 'object', additionalProperties: false, required, properties };
}
