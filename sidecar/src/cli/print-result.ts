import { writeFileSync } from 'node:fs';
import { findingFrom } from '@lastgood/core/model/error.ts';
import { type Finding, formatFinding } from '@lastgood/core/model/finding.ts';
import type { CompatExit } from '../compat/reloader-compat.ts';
import type { CommandResult } from './command.ts';

/** Source: docs/design.md#exit-codes. */
const EXIT_CODES = { good: 0, bad: 1, unusable: 2 } as const;

/** The kubelet makes this file, and shows its content as the reason why a container ended. */
const TERMINATION_LOG = '/dev/termination-log';

const MAX_TERMINATION_LOG = 4096;

/** Prints how a command ended. Returns the exit code. */
export function printResult(result: CommandResult | CompatExit): number {
  // The reader may have seen enough and closed the pipe, as `head` does.
  process.stdout.on('error', () => {});
  if ('exitCode' in result) {
    process.stdout.write(result.stdout);
    printError(result.stderr);
    return result.exitCode;
  }
  const { end, output, findings, notes = [] } = result;
  process.stdout.write(output);
  for (const note of notes) process.stderr.write(`lastgood: ${note}\n`);
  printError(formatFindings(findings));
  return EXIT_CODES[end];
}

/** The end of a command that threw. */
export function resultOfError(thrown: unknown): CommandResult {
  const finding = findingFrom(thrown);
  const end = finding.code.startsWith('LG_SETTINGS') ? 'unusable' : 'bad';
  return { end, output: '', findings: [finding] };
}

/** One line per finding. A hint that several share follows the last of them. */
function formatFindings(findings: readonly Finding[]): string {
  const lines = findings.map((finding, index) => {
    const { hint } = finding;
    const isShared = findings.slice(index + 1).some((later) => later.hint === hint);
    const advice = hint === undefined || isShared ? '' : `  hint: ${hint}\n`;
    return `lastgood: ${formatFinding(finding)}\n${advice}`;
  });
  return lines.join('');
}

/** Writes to standard error and to the place where the kubelet looks for it. */
function printError(text: string): void {
  if (text === '') return;
  process.stderr.write(text);
  try {
    writeFileSync(TERMINATION_LOG, text.slice(0, MAX_TERMINATION_LOG), { flag: 'r+' });
  } catch {
    // Outside a pod there is no such file, and standard error has it all.
  }
}
