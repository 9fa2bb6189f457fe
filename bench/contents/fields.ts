/** A field of a model in the registry: what the schema asks of it, and what a model says there. */
export interface Field {
  readonly schema: Readonly<Record<string, unknown>>;
  /** As YAML. */
  readonly of: (model: number) => string;
}

export function whole(minimum: number, maximum: number): Field {
  const schema = { type: 'integer', minimum, maximum };
  return { schema, of: (model) => String(minimum + (model % (1 + maximum - minimum))) };
}

export function share(): Field {
  const schema = { type: 'number', minimum: 0, maximum: 1 };
  return { schema, of: (model) => ((model % 100) / 100).toFixed(2) };
}

export function flag(): Field {
  return { schema: { type: 'boolean' }, of: (model) => String(model % 2 === 0) };
}

export function oneOf(...values: readonly string[]): Field {
  return { schema: { enum: values }, of: (model) => values[model % values.length] ?? '' };
}

export function name(prefix: string): Field {
  const pattern = '^[a-z0-9]([-a-z0-9]*[a-z0-9])?$';
  const schema = { type: 'string', pattern, maxLength: 63 };
  return { schema, of: (model) => `${prefix}-${model}` };
}

export function address(base: string): Field {
  const schema = { type: 'string', format: 'uri', maxLength: 200 };
  return { schema, of: (model) => `"${base}/${model}/model.safetensors"` };
}

export function names(...values: readonly string[]): Field {
  const items = { type: 'string', minLength: 1, maxLength: 40 };
  const schema = { type: 'array', items, minItems: 1, maxItems: 20, uniqueItems: true };
  return { schema, of: () => `[${values.join(', ')}]` };
}
