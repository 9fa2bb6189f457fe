import type { Value } from './preset.ts';

/** A value without its parameters; undefined where one has no value. */
export interface Filled {
  readonly value: unknown;
  /** Below `value`, which place got its content from which parameters. */
  readonly from: readonly { readonly at: Path; readonly parameters: readonly string[] }[];
}

type Path = readonly (string | number)[];

const NAMES = /\{([a-z][a-zA-Z]*)\}/g;

/**
 * Puts parameters into a value, as {@link Value} tells. Only the names of `known` are parameters:
 * `{dir}` of a command is left for whoever runs it.
 */
export function fill(
  template: Value,
  values: Readonly<Record<string, unknown>>,
  known: readonly string[],
): Filled | undefined {
  if (typeof template === 'string') return fillText(template, values, known);
  if (typeof template !== 'object' || template === null) return { value: template, from: [] };
  const isList = Array.isArray(template);
  const entries = Object.entries(template).map(
    ([key, inner]) => [key, inner, fill(inner as Value, values, known)] as const,
  );
  // What lacks a word says something else than was meant, so it is left out as a whole.
  if (entries.some(([, inner, filled]) => filled === undefined && isWords(inner))) return undefined;
  const present = entries.flatMap(([key, inner, filled]) =>
    filled === undefined ? [] : [{ key, inner, filled }],
  );
  if (present.length === 0 && entries.length > 0) return undefined;
  return isList ? listOf(present) : mappingOf(present);
}

/** A text, or a command. */
function isWords(value: unknown): boolean {
  return typeof value === 'string' || (Array.isArray(value) && value.some(isWords));
}

interface Present {
  readonly key: string;
  readonly inner: unknown;
  readonly filled: Filled;
}

function mappingOf(present: readonly Present[]): Filled {
  return {
    value: Object.fromEntries(present.map(({ key, filled }) => [key, filled.value])),
    from: present.flatMap(({ key, filled }) => below(key, filled)),
  };
}

function listOf(present: readonly Present[]): Filled {
  const value: unknown[] = [];
  const from: Filled['from'][number][] = [];
  for (const { inner, filled } of present) {
    const isSpliced = typeof inner === 'string' && Array.isArray(filled.value);
    for (const entry of isSpliced ? (filled.value as unknown[]) : [filled.value]) {
      from.push(...below(value.length, filled));
      value.push(entry);
    }
  }
  return { value, from };
}

function below(key: string | number, { from }: Filled): Filled['from'] {
  return from.map(({ at, parameters }) => ({ at: [key, ...at], parameters }));
}

function fillText(
  text: string,
  values: Readonly<Record<string, unknown>>,
  known: readonly string[],
): Filled | undefined {
  const parameters = namesIn(text, known);
  if (parameters.some((name) => values[name] === undefined)) return undefined;
  const [only] = parameters;
  if (only !== undefined && text === `{${only}}`)
    return { value: values[only], from: [{ at: [], parameters }] };
  const value = text.replaceAll(NAMES, (found, name: string, at: number) => {
    if (!parameters.includes(name)) return found;
    const inserted = String(values[name]);
    // `http://localhost:9090/` is the same place as `http://localhost:9090` to whoever types it.
    return text.charAt(at + found.length) === '/' ? inserted.replace(/\/+$/, '') : inserted;
  });
  return { value, from: parameters.length === 0 ? [] : [{ at: [], parameters }] };
}

/** The parameters that a value names, at any depth. */
export function namesIn(template: Value, known: readonly string[]): readonly string[] {
  if (typeof template === 'string') {
    const names = [...template.matchAll(NAMES)].map(([, name = '']) => name);
    return [...new Set(names)].filter((name) => known.includes(name));
  }
  if (typeof template !== 'object' || template === null) return [];
  return Object.values(template).flatMap((inner) => namesIn(inner as Value, known));
}
