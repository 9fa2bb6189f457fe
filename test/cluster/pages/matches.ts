/** In the output of a page: any lines, or on a line any text. */
const ELLIPSIS = '…';

/** What differs each time, and what replaces it on both sides. */
const VARIABLE: readonly (readonly [RegExp, string])[] = [
  [/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME'],
  [/\b[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} [\d:]+ [+-]\d{4}/g, 'TIME'],
  // A ReplicaSet and its pod; Kubernetes leaves out letters that look alike or make words.
  [/-[bcdf-hj-np-tv-xz2-9]{8,10}-[bcdf-hj-np-tv-xz2-9]{5}\b/g, '-HASH-POD'],
  [/\b\d{1,3}(?:\.\d{1,3}){3}\b/g, 'ADDRESS'],
  [/\b(?:\d+[dhms]){1,2}(?= ago|\b)/g, 'DURATION'],
  [/\bx\d+ over\b/g, 'xN over'],
  [/[ \t]+/g, ' '],
];

/** Whether commands printed what a page shows, except times, names that Kubernetes makes, and widths. */
export function matchesOutput(actual: string, shown: string): boolean {
  const pattern = normalize(shown)
    .map((line) => (line === ELLIPSIS ? '(?:.*\n)*?' : `${patternOf(line)}\n`))
    .join('');
  const text = normalize(actual)
    .map((line) => `${line}\n`)
    .join('');
  return new RegExp(`^${pattern}$`).test(text);
}

function normalize(text: string): readonly string[] {
  const lines = text.trimEnd().split('\n');
  return lines.map((line) =>
    VARIABLE.reduce((result, [what, by]) => result.replaceAll(what, by), line).trimEnd(),
  );
}

function patternOf(line: string): string {
  return line.split(ELLIPSIS).map(RegExp.escape).join('.*');
}
