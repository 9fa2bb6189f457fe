/** What a team that serves a model keeps in its ConfigMap. */
export const MODEL = `model:
  name: sentiment-v2
  task: text-classification
  num_labels: 2
  checkpoint: s3://models/bert
preprocessing:
  # applied before the tokenizer
  max_length: 512
  lowercase: true
  stop_words: [a, the]

# how the model runs
inference:
  batch_size: 16
  num_workers: 4
  device: cuda:0
  precision: fp16
  batching:
    enabled: true
    max_wait_ms: 5.5
    max_batch_size: 64
  caching: { ttl_s: 60 }

monitoring:
  enabled: true
  path: /metrics
  port: 9090
  api_key: abcdefghij
`;

const wholeNumber = (minimum: number, maximum?: number) => ({
  type: 'integer',
  minimum,
  ...(maximum === undefined ? {} : { maximum }),
});

const object = (properties: object, required: readonly string[] = []) => ({
  type: 'object',
  additionalProperties: false,
  properties,
  required,
});

/** What the team allows in it. */
export const MODEL_SCHEMA = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  $id: 'https://models.example/config',
  ...object(
    {
      model: object(
        {
          name: { type: 'string', pattern: '^[a-z0-9-]+$', maxLength: 63 },
          task: { enum: ['text-classification', 'ner', 'embedding'] },
          num_labels: wholeNumber(2, 1000),
          checkpoint: { type: 'string', format: 'uri' },
        },
        ['name', 'task'],
      ),
      preprocessing: object({
        max_length: wholeNumber(1, 8192),
        lowercase: { type: 'boolean' },
        stop_words: { type: 'array', items: { type: 'string' }, uniqueItems: true },
      }),
      inference: object(
        {
          batch_size: wholeNumber(1, 512),
          num_workers: wholeNumber(0),
          device: { type: 'string', pattern: '^(cpu|cuda(:[0-9]+)?)$' },
          precision: { enum: ['fp32', 'fp16', 'bf16', 'int8'] },
          batching: object({
            enabled: { type: 'boolean' },
            max_wait_ms: { type: 'number', exclusiveMinimum: 0 },
            max_batch_size: wholeNumber(1, 64),
          }),
          caching: { anyOf: [{ $ref: '#/$defs/caching' }, { type: 'null' }] },
        },
        ['batch_size'],
      ),
      monitoring: {
        type: 'object',
        propertyNames: { pattern: '^[a-z_]+$' },
        properties: { port: wholeNumber(1024, 65535), api_key: { minLength: 8 } },
      },
    },
    ['model', 'inference'],
  ),
  $defs: { caching: object({ ttl_s: wholeNumber(0), size: wholeNumber(1) }, ['ttl_s']) },
};
