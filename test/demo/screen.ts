import type { WriteStream } from 'node:tty';
import { styleText } from 'node:util';

export type Tone = 'plain' | 'good' | 'bad' | 'quiet';

type Style = Parameters<typeof styleText>[0];

const STYLES: Readonly<Record<Tone, Style | undefined>> = {
  plain: undefined,
  good: 'green',
  bad: 'yellow',
  quiet: 'dim',
};

const MIN_WIDTH = 60;
const MAX_WIDTH = 100;
const INDENT = '   ';
/** Of the column that says who speaks. */
const LABEL_WIDTH = 12;

/** Writes the story: headings, labelled rows, diffs and tables, without colour unless to a terminal. */
export class Screen {
  readonly #out: NodeJS.WritableStream & Partial<WriteStream>;
  #phase: 'open' | 'closed' = 'open';

  constructor(out: NodeJS.WritableStream & Partial<WriteStream>) {
    this.#out = out;
  }

  /** From here on nothing is written: the demo is being ended. */
  close(): void {
    this.#phase = 'closed';
  }

  line(text = '', style?: Style): void {
    if (this.#phase === 'closed') return;
    this.#out.write(`${this.#styled(style, text)}\n`);
  }

  heading(title: string): void {
    this.line();
    this.line(title, 'bold');
  }

  /** A paragraph under a heading. */
  prose(text: string): void {
    for (const line of wrapped(text, this.#width - INDENT.length)) this.line(`${INDENT}${line}`);
  }

  /** Who, and what: `lastgood  committed 6e3f…`. With no label, more of the row before. */
  row(label: string, text: string, tone: Tone = 'plain'): void {
    const [first = '', ...more] = wrapped(text, this.#width - INDENT.length - LABEL_WIDTH);
    const head = this.#styled('dim', label.padEnd(LABEL_WIDTH));
    this.line(`${INDENT}${head}${this.#styled(STYLES[tone], first)}`);
    for (const line of more)
      this.line(`${INDENT}${' '.repeat(LABEL_WIDTH)}${this.#styled(STYLES[tone], line)}`);
  }

  /** The lines that differ between two texts of as many lines, with their numbers. */
  diff(before: string, after: string): void {
    const old = before.split('\n');
    const changed = after.split('\n').flatMap((line, index) => {
      const was = old[index] ?? '';
      return was === line ? [] : [{ was, line, number: String(index + 1).padStart(3) }];
    });
    const at = `${INDENT}${' '.repeat(LABEL_WIDTH)}`;
    for (const { was, line, number } of changed) {
      this.line(`${at}${this.#styled('red', `${number} - ${was}`)}`);
      this.line(`${at}${this.#styled('green', `${number} + ${line}`)}`);
    }
  }

  /** A result that the demo has verified. */
  checked(text: string): void {
    const mark = this.#styled('green', '✓'.padEnd(LABEL_WIDTH));
    for (const [index, line] of wrapped(text, this.#width - INDENT.length - LABEL_WIDTH).entries())
      this.line(`${INDENT}${index === 0 ? mark : ' '.repeat(LABEL_WIDTH)}${line}`);
  }

  /** Columns as wide as their widest cell; the first row is the head. */
  table(rows: readonly (readonly string[])[]): void {
    const [head = []] = rows;
    const widths = head.map((_, column) =>
      Math.max(...rows.map((row) => row[column]?.length ?? 0)),
    );
    for (const [index, row] of rows.entries()) {
      const cells = row.map((cell, column) => cell.padEnd(widths[column] ?? 0));
      this.line(`${INDENT}${cells.join('   ').trimEnd()}`, index === 0 ? 'dim' : undefined);
    }
  }

  get #width(): number {
    // A terminal that does not know its size says 0.
    const columns = this.#out.columns || MAX_WIDTH;
    return Math.max(MIN_WIDTH, Math.min(columns, MAX_WIDTH));
  }

  #styled(style: Style | undefined, text: string): string {
    if (style === undefined) return text;
    return styleText(style, text, { stream: this.#out });
  }
}

/** Breaks a text between words; a longer word gets a separate line. */
function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
