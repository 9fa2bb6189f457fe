import type { Part, Pointer } from '@lastgood/core/formats/format.ts';
import type { ErrorObject } from 'ajv';

/** Where the offence stands: the value that is wrong, or the key that must not be there. */
export function instancePathOf(error: ErrorObject): {
  readonly pointer: Pointer;
  readonly part: Part;
} {
  const pointer = pointerOf(error.instancePath);
  const key = offendingKey(error);
  return key === undefined
    ? { pointer, part: 'value' }
    : { pointer: [...pointer, key], part: 'key' };
}

/** The steps of a JSON pointer. Source: RFC 6901. */
export function pointerOf(instancePath: string): readonly string[] {
  return instancePath
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** The key that the schema does not allow, if that is what the error is about. Content, not schema. */
export function offendingKey({ keyword, params, propertyName }: ErrorObject): string | undefined {
  if (propertyName !== undefined) return propertyName;
  switch (keyword) {
    case 'additionalProperties':
      return params.additionalProperty;
    case 'unevaluatedProperties':
      return params.unevaluatedProperty;
    case 'propertyNames':
      return params.propertyName;
    default:
      return undefined;
  }
}
