/**
 * Reads a single metric from a page in the text format of Prometheus or in OpenMetrics. Parses only the
 * lines of that metric: the parsers on npm build an object for every series of a page of megabytes, and
 * do not support exemplars. Source: https://prometheus.io/docs/instrumenting/exposition_formats,
 * OpenMetrics 1.0.
 */

/** A metric, and the labels that a series of it must have; it may have others. */
export interface Query {
  readonly name: string;
  readonly labels: ReadonlyMap<string, string>;
}

/** `name`, or `name{label="value",…}`. Throws a RangeError for anything else. */
export function parseQuery(text: string): Query {
  const brace = text.indexOf('{');
  if (brace === -1) return { name: text, labels: new Map() };
  const labels = parseLabels(text, brace);
  if (labels?.end !== text.length) throw new RangeError('the settings accepted an invalid query');
  return { name: text.slice(0, brace), labels: labels.labels };
}

/** The values of every series that matches the query; NaN for a line that cannot be parsed. */
export function valuesIn(page: string, query: Query): readonly number[] {
  const values = linesFrom(page, query.name).map((line) => valueIn(line, query));
  return [...values.filter((value) => value !== undefined)];
}

/** The lines that start with a name. Copies no other line out of the page. */
function* linesFrom(page: string, name: string): Generator<string> {
  for (let at = page.indexOf(name); at !== -1; ) {
    const begin = page.lastIndexOf('\n', at) + 1;
    const next = page.indexOf('\n', at);
    const end = next === -1 ? page.length : next;
    if (page.slice(begin, at).trim() === '') yield page.slice(at, end);
    at = page.indexOf(name, end);
  }
}

const NONE: ReadonlyMap<string, string> = new Map();

/** Undefined for a series of another metric, or with other labels. */
function valueIn(line: string, { name, labels }: Query): number | undefined {
  const [gap = ''] = /^[ \t]*/.exec(line.slice(name.length)) ?? [];
  const at = name.length + gap.length;
  if (line[at] !== '{' && gap === '') return undefined;
  const series = line[at] === '{' ? parseLabels(line, at) : { labels: NONE, end: at };
  if (series === undefined) return Number.NaN;
  // As in PromQL, a missing label equals an empty one.
  const isMatch = [...labels].every(([label, value]) => (series.labels.get(label) ?? '') === value);
  return isMatch ? numberAt(line, series.end) : undefined;
}

/**
 * A value, then possibly a timestamp and an exemplar. In each of these expressions only one reading of
 * a text is possible, so that a page of one long number takes no longer than any other.
 */
const SAMPLE = /[ \t]*([^ \t\r#]+)(?:[ \t]+[-+.\deE]+)?[ \t]*(?:#.*)?\r?$/y;
const DECIMAL = /^[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[-+]?\d+)?$/i;
const INFINITE = /^([-+]?)inf(?:inity)?$/i;

function numberAt(line: string, at: number): number {
  SAMPLE.lastIndex = at;
  const text = SAMPLE.exec(line)?.[1] ?? '';
  const infinite = INFINITE.exec(text);
  if (infinite !== null) return infinite[1] === '-' ? -Infinity : Infinity;
  return DECIMAL.test(text) ? Number(text) : Number.NaN;
}

const LABEL =
  /[ \t]*(?:"((?:[^"\\]|\\.)*)"|([a-zA-Z_][a-zA-Z0-9_]*))[ \t]*=[ \t]*"((?:[^"\\]|\\.)*)"[ \t]*(,|(?=\}))/y;
const END = /[ \t]*\}/y;
const ESCAPE = /\\(.)/g;

/** The labels in braces, and where the braces end; undefined if they cannot be parsed. */
function parseLabels(text: string, brace: number) {
  const labels = new Map<string, string>();
  let at = brace + 1;
  for (;;) {
    LABEL.lastIndex = at;
    const [whole = '', quoted, plain = '', value = ''] = LABEL.exec(text) ?? [];
    if (whole === '') break;
    labels.set(quoted === undefined ? plain : unescaped(quoted), unescaped(value));
    at += whole.length;
  }
  END.lastIndex = at;
  const end = END.exec(text);
  return end === null ? undefined : { labels, end: at + end[0].length };
}

function unescaped(text: string): string {
  return text.replace(ESCAPE, (_, letter: string) => (letter === 'n' ? '\n' : letter));
}
