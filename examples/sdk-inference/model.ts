import { access } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { InferenceSession, Tensor } from 'onnxruntime-node';

/** Samples of a second. */
export const SAMPLE_RATE = 16_000;
/** Samples that the model scores in one step, and how many it sees of the frame before. */
export const FRAME = 512;
const CONTEXT = 64;
/** Numbers that the model remembers between frames of a clip, in two layers. */
const MEMORY = 128;

const INPUTS = ['input', 'sr', 'state'];

/** What decides which model is open. */
export interface ModelSettings {
  readonly model: string;
  readonly threads: number;
}

/** Rejects if there is no such model. */
export async function findModel({ model }: ModelSettings): Promise<void> {
  await access(pathOf(model)).catch(() => {
    throw new Error(`there is no model ${model}`);
  });
}

/** Loads a model of Silero VAD. Rejects, with nothing left open, if this server cannot run it. */
export async function openModel(settings: ModelSettings): Promise<Model> {
  await findModel(settings);
  const { model, threads } = settings;
  const session = await InferenceSession.create(pathOf(model), { intraOpNumThreads: threads });
  try {
    const inputs = session.inputNames.toSorted();
    if (inputs.join() !== INPUTS.join())
      throw new Error(
        `model ${model} takes the inputs ${inputs.join(', ')}; this server gives it ${INPUTS.join(', ')}`,
      );
    const opened = new Model(model, session);
    // The first run is slow, and proves that the others can work.
    await opened.score([new Float32Array(FRAME)]);
    return opened;
  } catch (error) {
    await session.release();
    throw error;
  }
}

function pathOf(model: string): string {
  return fileURLToPath(import.meta.resolve(`@ricky0123/vad-web/dist/silero_vad_${model}.onnx`));
}

export class Model {
  readonly name: string;
  readonly #session: InferenceSession;

  constructor(name: string, session: InferenceSession) {
    this.name = name;
    this.#session = session;
  }

  /** For each clip, how probable speech is in each of its frames, from 0 to 1. */
  async score(clips: readonly Float32Array[]): Promise<readonly number[][]> {
    const counts = clips.map((clip) => Math.ceil(clip.length / FRAME));
    const scores: number[][] = clips.map(() => []);
    const sr = new Tensor('int64', BigInt64Array.of(BigInt(SAMPLE_RATE)), []);
    const dims = [2, clips.length, MEMORY];
    let state = new Tensor('float32', new Float32Array(2 * clips.length * MEMORY), dims);
    for (let frame = 0; frame < Math.max(...counts); frame++) {
      const { output, stateN } = await this.#session.run({
        input: inputOf(clips, frame),
        state,
        sr,
      });
      state = stateN as typeof state;
      const probabilities = output?.data as Float32Array;
      for (const [row, count] of counts.entries())
        if (frame < count) scores[row]?.push(probabilities[row] ?? 0);
    }
    return scores;
  }

  async release(): Promise<void> {
    await this.#session.release();
  }
}

/** A row for each clip; zeros before its beginning and after its end. */
function inputOf(clips: readonly Float32Array[], frame: number): Tensor {
  const width = CONTEXT + FRAME;
  const rows = new Float32Array(clips.length * width);
  const start = frame * FRAME;
  for (const [row, clip] of clips.entries()) {
    const from = Math.max(0, start - CONTEXT);
    rows.set(clip.subarray(from, start + FRAME), row * width + CONTEXT - (start - from));
  }
  return new Tensor('float32', rows, [clips.length, width]);
}
