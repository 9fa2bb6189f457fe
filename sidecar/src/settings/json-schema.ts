import * as z from 'zod/mini';
import { documentSchema } from './schema.ts';

/** The JSON Schema (draft 2020-12) of `lastgood.yaml` as a person writes it, for editors. */
export function settingsJsonSchema(): Record<string, unknown> {
  const { $schema, ...schema } = z.toJSONSchema(documentSchema, { io: 'input' });
  return {
    $schema,
    $id: 'urn:lastgood:settings',
    title: 'lastgood.yaml',
    description: 'Settings of the lastgood sidecar.',
    ...schema,
  };
}
