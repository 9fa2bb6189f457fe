import type { ErrorObject } from 'ajv';

/** Keywords whose error only repeats that there are errors inside. */
const WRAPPERS: readonly string[] = ['if', 'anyOf', 'oneOf', 'propertyNames'];

/**
 * Drops redundant errors: those of a wrapper with inner errors, and those of each item that `contains`
 * tried. Of alternatives with different types, one error stays that names all types. At least one error
 * always stays.
 */
export function dedupeErrors(errors: readonly ErrorObject[]): readonly ErrorObject[] {
  const tried = errors.filter(({ keyword }) => keyword === 'contains');
  const kept = errors.filter((error) => !tried.some((by) => isInside(error, by)));
  const wrappers = kept.filter(isWrapper);
  if (wrappers.length === 0) return kept;
  const inner = joinTypes(
    kept.filter((error) => !isWrapper(error)),
    wrappers,
  );
  const paths = new Set(inner.flatMap(({ instancePath }) => ancestorsOf(instancePath)));
  return [...inner, ...wrappers.filter(({ instancePath }) => !paths.has(instancePath))];
}

function isInside({ schemaPath }: ErrorObject, { schemaPath: outer }: ErrorObject): boolean {
  return schemaPath.startsWith(`${outer}/`);
}

/** A `oneOf` with too many fitting alternatives has no inner errors, so its own error stays. */
function isWrapper({ keyword, params }: ErrorObject): boolean {
  return WRAPPERS.includes(keyword) && !Array.isArray(params.passingSchemas);
}

/** `/a/b` → ``, `/a`, `/a/b`. */
function ancestorsOf(path: string): readonly string[] {
  const steps = path.split('/');
  return steps.map((_step, index) => steps.slice(0, index + 1).join('/'));
}

/**
 * `must be object` and `must be null` become `must be object or null`. They are dropped if an alternative
 * fits the value's type and has errors inside: then `null` was only the other alternative.
 */
function joinTypes(
  errors: readonly ErrorObject[],
  wrappers: readonly ErrorObject[],
): readonly ErrorObject[] {
  const paths = new Set(wrappers.map(({ instancePath }) => instancePath));
  const isChoice = ({ keyword, instancePath }: ErrorObject) =>
    keyword === 'type' && paths.has(instancePath);
  const others = errors.filter((error) => !isChoice(error));
  const covered = new Set(others.flatMap(({ instancePath }) => ancestorsOf(instancePath)));
  const choices = Map.groupBy(errors.filter(isChoice), ({ instancePath }) => instancePath);
  const joined = [...choices]
    .filter(([path]) => !covered.has(path))
    .flatMap(([, [first, ...rest]]) => (first === undefined ? [] : [joinedType(first, rest)]));
  return [...others, ...joined];
}

function joinedType(first: ErrorObject, rest: readonly ErrorObject[]): ErrorObject {
  const types = [first, ...rest].flatMap(({ params }) => params.type as string | string[]);
  return { ...first, params: { type: [...new Set(types)] } };
}
