import type * as z from 'zod/mini';
import { key, mapping, optional } from './mapping.ts';
import { absolutePath, insidePath, text } from './values.ts';
import { must } from './wording.ts';

const variableName = text(
  /^[a-zA-Z_][a-zA-Z0-9_]*$/,
  must('be the name of an environment variable'),
);

/** One file of the snapshot that is expanded before the checks see it. */
export const expandSchema = mapping({
  file: key('Path of the file inside the snapshot.', insidePath),
  to: key(
    'Absolute path of the file that the app reads, outside of what the volumes capture.',
    absolutePath,
  ),
  ordinalFrom: optional(
    'Environment variable whose trailing number replaces $(STATEFULSET_ORDINAL_NUMBER).',
    variableName,
  ),
});

export type ExpandSettings = z.output<typeof expandSchema>;
