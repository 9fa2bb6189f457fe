/** A block of commands in a page, and what they print. */
export interface PageStep {
  /** Of the block of commands, from 1. */
  readonly line: number;
  readonly commands: string;
  /** Undefined if the page does not show it. */
  readonly output: string | undefined;
}

const BLOCK = /^(?<output>Output:\n\n?)?```(?<language>\w*)\n(?<text>.*?)^```$/gms;

/**
 * The blocks of `sh` in a page, in order. A block below the line `Output:` is what the commands before it
 * print. Other blocks and indented ones are for reading.
 */
export function stepsIn(page: string): readonly PageStep[] {
  const steps: PageStep[] = [];
  for (const { index, groups = {} } of page.matchAll(BLOCK)) {
    const { output, language, text = '' } = groups;
    const line = page.slice(0, index).split('\n').length;
    if (language === 'sh') steps.push({ line, commands: text, output: undefined });
    else if (output !== undefined) {
      const last = steps.pop();
      if (last === undefined || last.output !== undefined)
        throw new Error(`line ${line}: this output has no commands`);
      steps.push({ ...last, output: text });
    }
  }
  return steps;
}
