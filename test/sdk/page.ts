/** A step of a page: what a reader does, or what the app prints then. */
export interface Step {
  readonly kind: 'write' | 'add' | 'run' | 'output';
  /** The file to write or to add to. */
  readonly file: string;
  readonly text: string;
}

/** A section of the page. It starts with the app and the configuration of the first one. */
export interface Section {
  readonly heading: string;
  readonly steps: readonly Step[];
}

/** A block of code below `Output:`, or below a line that ends with the name of a file; and the words that run it. */
const STEP =
  /^(?:(?<output>Output)|[^\n]*?(?<add>Add to )?`(?<file>[\w./-]+)`):\n\n```\w+\n(?<text>[\s\S]*?)^```$|^(?<run>Run it\b)/gm;

export function sectionsOf(page: string): readonly Section[] {
  const sections = page.split(/^## /m).slice(1);
  return sections.map((section) => ({
    heading: section.split('\n', 1)[0] ?? '',
    steps: [...section.matchAll(STEP)].map(({ groups = {} }) => stepOf(groups)),
  }));
}

function stepOf({
  output,
  add,
  file = '',
  text = '',
  run,
}: Record<string, string | undefined>): Step {
  if (run !== undefined) return { kind: 'run', file, text };
  if (output !== undefined) return { kind: 'output', file, text };
  return { kind: add === undefined ? 'write' : 'add', file, text };
}
