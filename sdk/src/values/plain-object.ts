/** Whether it is an object literal, as parsers and schemas make them, and not a `Date` or a `Secret`. */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  // An object of another realm, such as a test runner's, has another `Object.prototype`.
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
