import { truncate } from '@lastgood/core/model/truncate.ts';
import { redactSecrets } from '../values/redact.ts';

/** Reasons that an answer has, and the length of one. A file may have thousands of findings. */
const MAX_REASONS = 20;
const MAX_REASON_LENGTH = 1000;

/** The reasons of an answer, short, and without the secrets of these values (P8). */
export function shorten(reasons: readonly string[], values: readonly unknown[]): readonly string[] {
  return reasons
    .slice(0, MAX_REASONS)
    .map((reason) => truncate(redactSecrets(reason, values), MAX_REASON_LENGTH));
}
