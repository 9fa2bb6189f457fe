import type { ErrorObject } from 'ajv';

/** Keywords whose error only says that the errors inside it were fatal. */
const WRAPPERS: readonly string[] = ['if', 'anyOf', 'oneOf', 'propertyNames'];

/**
 * Drops the errors that tell nothing new: those of a wrapper whose inner errors are there, and those
 * of each item that `contains` tried. Of alternatives that ask for different types, one error stays
 * that names them all. At least one error always stays.
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

/** A `oneOf` that too many alternatives fit has no inner errors: it is the news itself. */
function isWrapper({ keyword, params }: ErrorObject): boolean {
  return WRAPPERS.includes(keyword) && !Array.isArray(params.passingSchemas);
}

/** `/a/b` → ``, `/a`, `/a/b`. */
function ancestorsOf(path: string): readonly string[] {
  const steps = path.split('/');
  return steps.map((_step, index) => steps.slice(0, index + 1).join('/'));
}

/**
 * `must be object` and `must be null` become `must be object or null`. They go altogether where
 * an alternative fitted the value's type and says what is wrong inside: `null` was only the other
 * way out.
 */
function joinTypes(
  errors: readonly ErrorObject[],
  wrappers: readonly ErrorObject[],
): readonly ErrorObject[] {
  const places = new Set(wrappers.map(({ instancePath }) => instancePath));
  const isChoice = ({ keyword, instancePath }: ErrorObject) =>
    keyword === 'type' && places.has(instancePath);
  const others = errors.filter((error) => !isChoice(error));
  const told = new Set(others.flatMap(({ instancePath }) => ancestorsOf(instancePath)));
  const choices = Map.groupBy(errors.filter(isChoice), ({ instancePath }) => instancePath);
  const joined = [...choices]
    .filter(([path]) => !told.has(path))
    .flatMap(([, [first, ...rest]]) => (first === undefined ? [] : [joinedType(first, rest)]));
  return [...others, ...joined];
}

function joinedType(first: ErrorObject, rest: readonly ErrorObject[]): ErrorObject {
  const types = [first, ...rest].flatMap(({ params }) => params.type as string | string[]);
  return { ...first, params: { type: [...new Set(types)] } };
}
