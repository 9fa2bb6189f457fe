import type { Finding } from '@lastgood/core/model/finding.ts';
import type { Command, Flag } from './command.ts';
import { COMMANDS, NAMED_COMMANDS, RUN } from './commands.ts';
import { wrapWords } from './wrap-words.ts';

const MAX_WIDTH = 80;

/** A term and what it means. */
type Row = readonly [term: string, meaning: string];

/**
 * What `--help` prints for a command, or for the first word of several commands.
 *
 * @param about - a name of {@link COMMANDS}, or `schema`
 */
export function helpText(about: string): string {
  const command = COMMANDS.find(({ name }) => name === about);
  if (command === undefined) return groupHelp(about);
  if (command === RUN) return mainHelp();
  return layOut(command, {
    Arguments: Object.entries(command.operands ?? {}),
    Flags: flagRows(command.flags),
  });
}

/** Names the help of the command in the hint of a finding about its use. */
export function seeHelp(about: string, finding: Finding): Finding {
  const help = about === RUN.name ? 'lastgood --help' : `lastgood ${about} --help`;
  if (finding.code === 'LG_USAGE') return { ...finding, hint: `see ${help}` };
  if (finding.code !== 'LG_SETTINGS_MISSING') return finding;
  return { ...finding, hint: `${finding.hint}; see ${help}` };
}

function mainHelp(): string {
  return layOut(RUN, {
    Commands: NAMED_COMMANDS.map(({ name, summary }) => [name, summary]),
    Flags: [
      ...flagRows(RUN.flags),
      ['-h, --help', 'Print this help, or that of a command named before it'],
      ['--version', 'Print the version'],
    ],
    'Defaults that the settings can change': [
      ['/lastgood/state', 'Journal and last good version; an emptyDir or a PVC'],
      [':9533', 'Serves /metrics, /healthz, /readyz and /status'],
    ],
  });
}

function groupHelp(first: string): string {
  const members = NAMED_COMMANDS.filter(({ name }) => name.startsWith(`${first} `));
  const rows = members.map(({ name, summary }): Row => [name, summary]);
  const usage = members.map((command) => `lastgood ${command.usage[0]}`);
  return `Usage: ${usage.join('\n       ')}\n${section('Commands', rows, columnOf([rows]))}
Run lastgood COMMAND --help for the help of a command.\n`;
}

function flagRows(flags: Command['flags']): readonly Row[] {
  return Object.entries(flags).map(([name, { value, help }]: readonly [string, Flag]) => [
    value === undefined ? `--${name}` : `--${name} ${value}`,
    help,
  ]);
}

function layOut(command: Command, parts: Readonly<Record<string, readonly Row[]>>): string {
  const { usage, description, flagNotes, exitCodes, examples } = command;
  const exits = Object.entries(exitCodes);
  const column = columnOf([...Object.values(parts), exits]);
  return [
    `Usage: ${usage.map((line) => `lastgood ${line}`).join('\n       ')}\n${paragraph(description)}`,
    ...Object.entries(parts).map(([title, rows]) => section(title, rows, column)),
    flagNotes === undefined ? '' : paragraph(flagNotes),
    section('Exit codes', exits, column),
    `\n${examples.length === 1 ? 'Example' : 'Examples'}:\n`,
    ...examples.map((example) => `  ${example}\n`),
  ].join('');
}

function paragraph(text: string): string {
  return `\n${wrapWords(text, MAX_WIDTH).join('\n')}\n`;
}

function columnOf(sections: readonly (readonly Row[])[]): number {
  return Math.max(...sections.flat().map(([term]) => term.length)) + 4;
}

function section(title: string, rows: readonly Row[], column: number): string {
  if (rows.length === 0) return '';
  const lines = rows.flatMap(([term, meaning]) =>
    wrapWords(meaning, MAX_WIDTH - column).map(
      (line, index) => `${`  ${index === 0 ? term : ''}`.padEnd(column)}${line}\n`,
    ),
  );
  return `\n${title}:\n${lines.join('')}`;
}
