import type { Config, VersionedConfig } from './config.ts';

/** The trained weights on this server's disk, by name, and the classes that each was trained for. */
const CHECKPOINTS: Readonly<Record<string, readonly string[]>> = {
  'review-sentiment-v6': ['negative', 'positive'],
  'review-sentiment-v7': ['negative', 'neutral', 'positive'],
  'review-sentiment-v8': ['very negative', 'negative', 'neutral', 'positive', 'very positive'],
};

/** All that the toy has learnt. */
const WEIGHTS: Readonly<Record<string, number>> = {
  awful: -3,
  bad: -2,
  broken: -3,
  excellent: 3,
  fast: 1,
  good: 2,
  great: 3,
  lovely: 3,
  slow: -1,
};
const STEEPNESS = 0.4;

/** What the server answers to one text. */
interface Prediction {
  readonly label: string;
  /** From 0, the first label, to 1, the last one. */
  readonly score: number;
}

/** A loaded model. It never changes: a new configuration makes a new one. */
export interface Model {
  readonly name: string;
  readonly checkpoint: string;
  readonly device: string;
  /** Of the configuration that it was made from. */
  readonly version: string | null;
  /** Throws a {@link TextTooLong}. */
  predict(text: string): Prediction;
}

/** The configuration is well-formed, but this server cannot run it; the message says why. */
class CannotLoad extends Error {
  override readonly name = 'CannotLoad';
}

/** The text has more tokens than `preprocessing.max_length`, and is not to be cut. */
export class TextTooLong extends Error {
  override readonly name = 'TextTooLong';
}

/** Loads a model for the devices that this node has. Throws a {@link CannotLoad}. */
export function loadModel({ config, version }: VersionedConfig, devices: readonly string[]): Model {
  const { model, inference, preprocessing } = config;
  checkDevice(inference, devices);
  const labels = labelsOf(model);
  return {
    name: model.name,
    checkpoint: model.checkpoint,
    device: inference.device,
    version,
    predict: (text) => classify(tokensOf(text, preprocessing), labels),
  };
}

/**
 * Checks a configuration without loading it, while another model answers: whether the checkpoint fits.
 * Throws a {@link CannotLoad}.
 */
export function checkModel({ config }: VersionedConfig): void {
  labelsOf(config.model);
}

/** No schema can know what hardware a pod meets. */
function checkDevice({ device, precision }: Config['inference'], devices: readonly string[]): void {
  if (!devices.includes(device)) {
    throw new CannotLoad(
      `device ${device} is not available on this node (it has ${devices.join(', ')})`,
    );
  }
  if (device === 'cpu' && precision === 'fp16') {
    throw new CannotLoad('precision fp16 cannot be computed on device cpu');
  }
}

/** No schema can know what is inside a checkpoint. */
function labelsOf({ checkpoint, num_labels: count }: Config['model']): readonly string[] {
  const labels = Object.hasOwn(CHECKPOINTS, checkpoint) ? CHECKPOINTS[checkpoint] : undefined;
  if (labels === undefined) throw new CannotLoad(`checkpoint ${checkpoint} does not exist`);
  if (labels.length !== count) {
    throw new CannotLoad(
      `checkpoint ${checkpoint} has ${labels.length} labels, num_labels says ${count}`,
    );
  }
  return labels;
}

function tokensOf(text: string, preprocessing: Config['preprocessing']): readonly string[] {
  const { max_length: maxLength, truncation = true, lowercase = true } = preprocessing;
  const words = (lowercase ? text.toLowerCase() : text).match(/\w+/g) ?? [];
  if (words.length > maxLength && !truncation) {
    throw new TextTooLong(`the text has ${words.length} tokens, max_length is ${maxLength}`);
  }
  return words.slice(0, maxLength);
}

function classify(tokens: readonly string[], labels: readonly string[]): Prediction {
  const sum = tokens.reduce((total, token) => total + (WEIGHTS[token] ?? 0), 0);
  const score = 1 / (1 + Math.exp(-STEEPNESS * sum));
  const index = Math.min(Math.floor(score * labels.length), labels.length - 1);
  return { label: labels[index] ?? '', score: Math.round(score * 1_000) / 1_000 };
}
