import type { Pointer } from '@lastgood/core/model/pointer.ts';
import { findTagged, TaggedValue } from '@lastgood/core/model/tagged-value.ts';
import type { ErrorObject } from 'ajv';

/** Keywords that try parts of a schema on a value. Their errors come with those of the parts. */
const CHOICES: readonly string[] = ['anyOf', 'oneOf', 'if', 'contains'];

/** Keywords about a value as a whole. */
const OF_THE_WHOLE: readonly string[] = [
  ...CHOICES,
  ...['not', 'const', 'enum', 'uniqueItems', 'unevaluatedProperties', 'unevaluatedItems'],
];

/**
 * The errors that hold whatever the app makes of tagged values: not those of such a value, nor those of
 * a comparison or a choice that such a value could decide.
 */
export function knownErrors(
  errors: readonly ErrorObject[],
  value: unknown,
): readonly ErrorObject[] {
  const tagged = new Set(errors.length === 0 ? [] : findTagged(value));
  if (tagged.size === 0) return errors;
  const around = new Set([...tagged].flatMap(pathsTo));
  const decided = errors.filter(
    ({ keyword, instancePath }) => !OF_THE_WHOLE.includes(keyword) || !around.has(instancePath),
  );
  const choices = errors.filter(
    ({ keyword, instancePath }) => CHOICES.includes(keyword) && around.has(instancePath),
  );
  const unknown = tagged.union(new Set(choices.map(({ instancePath }) => instancePath)));
  return decided.filter(({ instancePath }) =>
    pathsTo(instancePath).every((path) => !unknown.has(path)),
  );
}

/** `/a/b` → ``, `/a`, `/a/b`. */
export function pathsTo(path: string): readonly string[] {
  const steps = path.split('/');
  return steps.map((_step, index) => steps.slice(0, index + 1).join('/'));
}

/** Whether a value on the way to a pointer is tagged, or the value there contains one. */
export function dependsOnTagged(root: unknown, pointer: Pointer): 'on' | 'around' | undefined {
  let value = root;
  for (const step of pointer) {
    if (value instanceof TaggedValue) return 'on';
    value = (value as Record<string | number, unknown> | null | undefined)?.[step];
  }
  if (value instanceof TaggedValue) return 'on';
  return findTagged(value).length > 0 ? 'around' : undefined;
}
