import { z } from 'zod';

export const schema = z.strictObject({
  model: z.string(),
  max_words: z.int().min(10).max(500),
});
