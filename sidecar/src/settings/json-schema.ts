import * as z from 'zod/mini';
import { presetJsonSchema } from './preset-parameters.ts';
import { documentSchema } from './schema.ts';

/** The JSON Schema (draft 2020-12) of `lastgood.yaml` as a person writes it, for editors. */
export function settingsJsonSchema(): Record<string, unknown> {
  const { $schema, ...schema } = z.toJSONSchema(documentSchema, {
    io: 'input',
    // A preset is expanded before the schema checks the document, so the schema does not have it.
    override: ({ path, jsonSchema }) => {
      if (path.at(-1) === 'preset') Object.assign(jsonSchema, presetJsonSchema());
    },
  });
  return {
    $schema,
    $id: 'urn:lastgood:settings',
    title: 'lastgood.yaml',
    description: 'Settings of the lastgood sidecar.',
    ...schema,
  };
}
