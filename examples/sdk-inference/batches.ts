import type { Config, Resource } from '@lastgood/sdk';
import type { SpeechConfig } from './config.ts';
import { FRAME, type Model, SAMPLE_RATE } from './model.ts';

/** Batches that run at the same time, and clips that wait at most. */
const LANES = 2;
const MAX_WAITING = 1000;

/** What the server answers to one clip. */
export interface Detection {
  /** The only model, and the only version of the configuration, that this answer is made from. */
  readonly model: string;
  readonly version: string;
  readonly threshold: number;
  /** Clips that were scored together with this one, itself included. */
  readonly batch: number;
  /** Mean probability of speech. */
  readonly score: number;
  /** Where there is speech, in seconds. */
  readonly speech: readonly { readonly from: number; readonly to: number }[];
}

class TooManyClips extends Error {
  readonly statusCode = 503;
}

interface Job {
  readonly clip: Float32Array;
  readonly resolve: (detection: Detection) => void;
  readonly reject: (reason: unknown) => void;
}

/** Scores clips that wait at the same time together. */
export class Batches {
  readonly #config: Config<SpeechConfig>;
  readonly #models: Resource<Model>;
  readonly #onBatch: (model: string, clips: number) => void;
  #waiting: Job[] = [];
  #lanes = 0;

  constructor(
    config: Config<SpeechConfig>,
    models: Resource<Model>,
    onBatch: (model: string, clips: number) => void,
  ) {
    this.#config = config;
    this.#models = models;
    this.#onBatch = onBatch;
  }

  detect(clip: Float32Array): Promise<Detection> {
    if (this.#waiting.length >= MAX_WAITING) throw new TooManyClips('too many clips wait');
    const { promise, resolve, reject } = Promise.withResolvers<Detection>();
    this.#waiting.push({ clip, resolve, reject });
    if (this.#lanes < LANES) void this.#work();
    return promise;
  }

  async #work(): Promise<void> {
    this.#lanes += 1;
    while (this.#waiting.length > 0)
      try {
        // The model is not closed before this returns, however the configuration changes.
        await this.#models.use((model) => this.#runBatch(model));
      } catch (error) {
        for (const job of this.#waiting.splice(0)) job.reject(error);
      }
    this.#lanes -= 1;
  }

  async #runBatch(model: Model): Promise<void> {
    // Read before the first `await`: the same version as the model.
    const { version, current } = this.#config;
    const { batch_size, threshold } = current;
    const jobs = this.#waiting.splice(0, batch_size);
    if (jobs.length === 0) return;
    try {
      const scores = await model.score(jobs.map(({ clip }) => clip));
      this.#onBatch(model.name, jobs.length);
      const common = { model: model.name, version, threshold, batch: jobs.length };
      for (const [row, { resolve }] of jobs.entries())
        resolve({ ...common, ...summaryOf(scores[row], threshold) });
    } catch (error) {
      for (const { reject } of jobs) reject(error);
    }
  }
}

function summaryOf(scores: readonly number[] = [], threshold: number) {
  const seconds = (frame: number) => (frame * FRAME) / SAMPLE_RATE;
  const speech: { from: number; to: number }[] = [];
  for (const [frame, score] of scores.entries()) {
    if (score < threshold) continue;
    const [from, to] = [seconds(frame), seconds(frame + 1)];
    const last = speech.at(-1);
    if (last?.to === from) last.to = to;
    else speech.push({ from, to });
  }
  return { score: scores.reduce((sum, score) => sum + score, 0) / scores.length, speech };
}
