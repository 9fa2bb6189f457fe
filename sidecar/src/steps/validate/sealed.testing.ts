import { MODEL_SCHEMA } from './model.testing.ts';

/** The value of a secret that no finding may show. */
export const PLANTED = 'hunter2';

/** A schema with keywords whose messages could quote a key or a value. */
export const SCHEMA = {
  ...MODEL_SCHEMA,
  required: ['model'],
  properties: {
    ...MODEL_SCHEMA.properties,
    map: {
      propertyNames: { maxLength: 3 },
      additionalProperties: {
        unevaluatedProperties: false,
        additionalProperties: {
          propertyNames: { enum: ['z'] },
          additionalProperties: { const: 1 },
        },
      },
    },
    list: { contains: { const: 'x' }, items: { oneOf: [{ type: 'null' }, { const: 'y' }] } },
  },
};
