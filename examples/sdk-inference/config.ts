import { z } from 'zod';

/** What `config.yaml` may say. A version that does not fit is refused with line and column. */
export const SpeechConfig = z.object({
  model: z.string().regex(/^\w+$/),
  threads: z.int().min(1).max(16),
  batch_size: z.int().min(1).max(64),
  threshold: z.number().min(0).max(1),
});

export type SpeechConfig = z.infer<typeof SpeechConfig>;
