import { z } from 'zod';

/** `max_tokens` replaces `max_words` of the release before. */
export const schema = z.strictObject({
  model: z.string(),
  max_tokens: z.int().min(10).max(1000),
});
