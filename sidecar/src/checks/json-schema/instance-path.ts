import { parsePointer, type ValuePath } from '@lastgood/core/model/pointer.ts';
import type { ErrorObject } from 'ajv';

/** The path of the value that is wrong, or of the key that is not allowed. */
export function instancePathOf(error: ErrorObject): ValuePath {
  const pointer = parsePointer(error.instancePath);
  const key = offendingKey(error);
  return key === undefined
    ? { pointer, part: 'value' }
    : { pointer: [...pointer, key], part: 'key' };
}

/** The key that the schema does not allow, if the error is about one. It is content, not schema. */
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
