import * as z from 'zod/mini';
import { PRESETS, type PresetName } from '../presets/presets.ts';
import { parametersSchema } from './preset-parameters.ts';
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

/** The JSON Schema of `preset`, for editors. */
function presetJsonSchema(): Record<string, unknown> {
  const names = Object.keys(PRESETS) as PresetName[];
  const withParameters = names.map((name) => {
    const { $schema, ...schema } = z.toJSONSchema(parametersSchema(name), { io: 'input' });
    return { description: PRESETS[name].about, ...schema };
  });
  const alone = names.filter((name) =>
    Object.values(PRESETS[name].parameters).every(({ required }) => required !== true),
  );
  return { anyOf: [{ type: 'string', enum: alone }, ...withParameters] };
}
