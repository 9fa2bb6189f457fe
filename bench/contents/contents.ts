import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Payload } from '../../test/kubelet/atomic-writer.ts';

/** The JSON Schema of `config.yaml`. */
export const SCHEMA = join(import.meta.dirname, 'model-server.schema.json');

export const CONFIG_FILE = 'config.yaml';
export const FEATURES_FILE = 'features.yaml';

/** So many models make the 10 KB that a grown ConfigMap has. */
const MODELS = 22;
const TASKS = ['text-classification', 'ranking', 'embedding'] as const;

/** One content of the volume: two files that both name the generation, so that a mix of two shows. */
export function contentsOf(generation: number): Payload {
  return {
    [CONFIG_FILE]: { bytes: configOf(generation) },
    [FEATURES_FILE]: { bytes: featuresOf(generation) },
  };
}

/** What an app finds when it reads both files by their plain paths: a generation, or two of them. */
export type Seen = { readonly generation: number } | 'torn' | 'missing';

/** Reads as a plain app does that knows nothing of `..data`. */
export function readContents(dir: string): Seen {
  const config = generationIn(join(dir, CONFIG_FILE));
  const features = generationIn(join(dir, FEATURES_FILE));
  if (config === undefined || features === undefined) return 'missing';
  return config === features ? { generation: config } : 'torn';
}

function generationIn(path: string): number | undefined {
  try {
    const found = /^generation: (\d+)$/m.exec(readFileSync(path, 'utf8'));
    return found === null ? undefined : Number(found[1]);
  } catch {
    return undefined;
  }
}

/** A file of 10 KB. */
export function configOf(generation: number): string {
  const models = Array.from({ length: MODELS }, (_, index) => modelOf(index, generation));
  return `# What the model server runs on. Owned by the platform team.
generation: ${generation}

server:
  port: 8080
  workers: 4
  shutdown_grace_seconds: 30
  limits:
    max_body_kib: 512
    max_in_flight: 256

models:
${models.join('')}
monitoring:
  log_level: info
  trace_sample_rate: 0.05
  metrics_port: 9090
`;
}

/** An edit changes two of the models, as one by hand would. */
function modelOf(index: number, generation: number): string {
  const isEdited = index === generation % MODELS || index === 0;
  return `  # Trained on last week's reviews; ask before raising the batch size.
  - name: review-model-${index}
    task: ${TASKS[index % TASKS.length]}
    checkpoint: "s3://models/review-model-${index}/v${isEdited ? generation : 7}/model.safetensors"
    labels: [negative, neutral, positive]
    preprocessing:
      tokenizer: wordpiece-uncased
      max_length: 256
      truncation: true
    inference:
      batch_size: ${isEdited ? 1 + (generation % 64) : 16}
      device: cpu
      precision: fp32
      max_wait_ms: 5
`;
}

function featuresOf(generation: number): string {
  const features = Array.from(
    { length: 12 },
    (_, index) => `  feature_${index}: { source: warehouse, ttl_seconds: ${60 + index} }\n`,
  );
  return `generation: ${generation}\nfeatures:\n${features.join('')}`;
}
